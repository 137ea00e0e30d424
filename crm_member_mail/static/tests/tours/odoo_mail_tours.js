import { registry } from "@web/core/registry";

const ROW = '.o_member_mail_odoo .o_member_mail_row:contains("Our offer")';

const tours = registry.category("web_tour.tours");

tours.add("member_mail_write_email_tour", {
    steps: () => [
        { content: "The Action menu", trigger: ".o_cp_action_menus .fa-cog", run: "click" },
        { trigger: '.o_menu_item:contains("Write email from a mailbox")', run: "click" },
        { content: "What one writes", trigger: ".modal .o_form_view [name=email_to]" },
    ],
});

tours.add("member_mail_odoo_mail_tour", {
    steps: () => [
        { content: "The Messages tab", trigger: "a[name=member_mail_messages]", run: "click" },
        { trigger: '.o_member_mail_summary:contains("1 message, 1 from Odoo")' },
        { content: "Unfold what Odoo sent", trigger: ROW, run: "click" },
        {
            content: "Its text, in the closed frame",
            trigger: 'iframe.o_member_mail_frame[srcdoc*="Ten desks for you"]',
            run({ anchor }) {
                if (anchor.contentDocument) {
                    throw new Error("The page can look into the frame: its sandbox is open.");
                }
            },
        },
        { trigger: ".o_member_mail_chip:contains(offer.txt)" },
        {
            content: "Nothing is wider than the window",
            trigger: ".o_member_mail_tab",
            run({ anchor }) {
                for (const element of anchor.querySelectorAll("*")) {
                    const { right, left, width } = element.getBoundingClientRect();
                    if (width && (right > window.innerWidth + 1 || left < -1)) {
                        throw new Error(`${element.className || element.tagName} sticks out`);
                    }
                }
            },
        },
        {
            content: "To the document",
            trigger: ".o_member_mail_document:contains(The desks)",
            run: "click",
        },
        { trigger: ".o_form_view [name=name] :value(The desks), .o_form_view:contains(The desks)" },
        { trigger: ".o-mail-Message:contains(Ten desks for you)" },
    ],
});
