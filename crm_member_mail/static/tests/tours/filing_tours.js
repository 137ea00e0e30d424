import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

const TAB = { content: "The Messages tab", trigger: "a[name=member_mail_messages]", run: "click" };
const CLOSED = { trigger: "body:not(:has(.modal))" };
const ROW = '.o_member_mail_row:has(.o_member_mail_subject:contains("Newest"))';
const EVIDENCE = ".o_member_mail_evidence";

/** Put the focus somewhere, and press a key there. */
function press(trigger, keys) {
    return [
        { trigger, run: ({ anchor }) => anchor.focus() },
        { trigger, run: `press ${keys}` },
    ];
}

tours.add("member_mail_file_under_tour", {
    steps: () => [
        TAB,
        ...press(ROW, "v"),
        { trigger: ".modal [name=partner_ids] input", run: "edit Vera Keys" },
        { trigger: ".o-autocomplete--dropdown-item:contains(Vera Keys)" },
        { trigger: ".modal [name=partner_ids] input", run: "press Enter" },
        { trigger: ".modal [name=partner_ids] .badge:contains(Vera Keys)" },
        ...press(".modal footer [name=action_file]", "Enter"),
        { trigger: ".o_notification:contains(Filed under Vera Keys)" },
        CLOSED,
        ...press(ROW, "Enter"),
        ...press(".o_member_mail_people_toggle", "Enter"),
        { trigger: `${EVIDENCE} li:contains(Ada Member wrote it)` },
        { trigger: `${EVIDENCE} li:contains(Vera Keys):contains(Filed by)` },
        ...press(`${EVIDENCE} li:contains(Vera Keys) .o_member_mail_take_off`, "Enter"),
        { trigger: `${EVIDENCE} li:contains(Taken off by) s:contains(Vera Keys)` },
        ...press(".o_notification:contains(Taken off Vera Keys) button:contains(Undo)", "Enter"),
        { trigger: `${EVIDENCE} li:contains(Vera Keys):contains(Filed by)` },
        {
            content: "Taken off the contact being viewed, it leaves the tab",
            trigger: `${EVIDENCE} li:contains(Ada Member) .o_member_mail_take_off`,
            run: "click",
        },
        { trigger: ".o_member_mail_list:not(:has(.o_member_mail_row:contains(Newest)))" },
        ...press(".o_notification:contains(Taken off Ada Member) button:contains(Undo)", "Enter"),
        { content: "The whole conversation, from the menu", trigger: ROW, run: "click" },
        { trigger: ".o_member_mail_more", run: "click" },
        { trigger: ".o_member_mail_menu [data-action=take_off_contact]", run: "click" },
        { trigger: ".o_member_mail_list:not(:has(.o_member_mail_row:contains(Newest)))" },
    ],
});

tours.add("member_mail_stranger_tour", {
    steps: () => [
        TAB,
        ...press(ROW, "Enter"),
        ...press(".o_member_mail_people_toggle", "Enter"),
        {
            trigger:
                ".o_member_mail_stranger:contains(nan@new.example) .o_member_mail_create_contact",
            run: "click",
        },
        {
            content: "Read-only beside an addon that has names in parts",
            trigger: ".modal [name=name] :value(Nan New), .modal [name=name]:contains(Nan New)",
        },
        { trigger: ".modal .o_form_button_save", run: "click" },
        CLOSED,
        {
            content: "It is filed under the new contact, too",
            trigger: `${EVIDENCE} li:contains(Nan New is in Cc)`,
        },
        {
            trigger: ".o_member_mail_stranger:contains(ada@new.example) .o_member_mail_add_address",
            run: "click",
        },
        { trigger: ".modal [name=partner_id] input", run: "edit Ada Member" },
        { trigger: ".o-autocomplete--dropdown-item:contains(Ada Member)", run: "click" },
        { trigger: ".modal footer [name=action_add]", run: "click" },
        { trigger: ".o_notification:contains(ada@new.example)" },
        { trigger: `${EVIDENCE}:not(:has(.o_member_mail_stranger))` },
    ],
});

tours.add("member_mail_conversation_lead_tour", {
    steps: () => [
        TAB,
        { trigger: ROW, run: "click" },
        { trigger: ".o_member_mail_more", run: "click" },
        { trigger: ".o_member_mail_menu [data-action=file_under]", run: "click" },
        { trigger: ".modal [name=lead_id] input", run: "click" },
        {
            content: "In a narrow window, one searches on a page of its own",
            trigger: ".modal .o_kanban_record:contains(The mill)",
            run: "click",
        },
        { trigger: ".modal [name=lead_id] input:value(The mill)" },
        {
            content: "Nothing is wider than the window",
            trigger: ".modal .modal-content",
            run({ anchor }) {
                const { right, left } = anchor.getBoundingClientRect();
                if (right > window.innerWidth + 1 || left < -1) {
                    throw new Error("The dialog sticks out");
                }
            },
        },
        { trigger: ".modal footer [name=action_file]", run: "click" },
        { trigger: ".o_notification:contains(belongs to The mill now)" },
        CLOSED,
        { trigger: `${ROW} .o_member_mail_lead:contains(The mill)` },
    ],
});
