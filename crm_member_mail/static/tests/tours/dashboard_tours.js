import { registry } from "@web/core/registry";

const card = (email) => `.o_kanban_record:contains(${email})`;

registry.category("web_tour.tours").add("member_mail_dashboard_tour", {
    steps: () => [
        { trigger: ".o_member_mail_summary:contains(Problems)" },
        { trigger: `${card("good@example.com")} .o_member_mail_chart canvas` },
        {
            content: "What is stopped comes first",
            trigger: `.o_kanban_record:first:contains(broken@example.com) [data-condition=stopped]`,
        },
        {
            trigger: `${card("broken@example.com")} button:contains(Enter the password)`,
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=imap_password] input",
            run: "edit new-secret",
        },
        { trigger: ".modal button:contains(Save and test)", run: "click" },
        {
            content: "The dialog is closed, and the card says that it works",
            trigger: `body:not(:has(.modal)) ${card("broken@example.com")} [data-condition=waiting],
                body:not(:has(.modal)) ${card("broken@example.com")} [data-condition=fine]`,
        },
    ],
});
