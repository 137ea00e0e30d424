import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

export const TAB = {
    content: "The Messages tab",
    trigger: "a[name=member_mail_messages]",
    run: "click",
};
const SEND = { content: "Send", trigger: ".modal .o_member_mail_send:visible", run: "click" };
export const SENT = { trigger: "body:not(:has(.modal, .o_member_mail_reply)) .o_member_mail_sent" };

export const SEND_REPLY = { ...SEND, trigger: ".o_member_mail_reply .o_member_mail_send:visible" };

/** Unfold a conversation and use the menu of its open message. */
export function openMenu(subject) {
    return [
        TAB,
        {
            content: `Unfold "${subject}"`,
            trigger: `.o_member_mail_row:has(.o_member_mail_subject:contains("${subject}"))`,
            run: "click",
        },
        { trigger: ".o_member_mail_message_open .o_member_mail_more", run: "click" },
    ];
}

export function choose(action) {
    return { trigger: `.o_member_mail_menu [data-action=${action}]`, run: "click" };
}

export function write(text) {
    return { trigger: ".o_member_mail_reply .odoo-editor-editable", run: `editor ${text}` };
}

tours.add("member_mail_reply_tour", {
    steps: () => [
        ...openMenu("Season"),
        choose("reply"),
        {
            content: "Below what it answers, which stays in sight",
            trigger:
                "body:not(:has(.modal)) .o_member_mail_thread > .o_member_mail_message_card + .o_member_mail_reply",
        },
        { trigger: ".o_member_mail_reply [name=subject] input:value(Re: Season)" },
        { trigger: ".o_member_mail_reply .o_member_mail_tags:contains(Ada)" },
        write("It begins in May."),
        {
            content: "Closed, it is kept, and the keys go on from the line",
            trigger: ".o_member_mail_reply .odoo-editor-editable",
            run: "press Escape",
        },
        { trigger: ".o_member_mail_row:focus" },
        { trigger: ".o_breadcrumb:contains(Ada Member)" },
        {
            content: "It goes on below the conversation as well",
            trigger: ".o_member_mail_draft:contains(Re: Season) .o_member_mail_resume",
            run: "click",
        },
        { trigger: ".o_member_mail_reply .odoo-editor-editable:contains(It begins in May.)" },
        { trigger: ".o_member_mail_tab:not(:has(.o_member_mail_draft))" },
        SEND_REPLY,
        SENT,
        {
            content: "It is in the conversation at once",
            trigger: ".o_member_mail_conversation .o_member_mail_state:contains(Waiting)",
        },
        {
            content: "Taken back",
            trigger: ".o_member_mail_sent button:contains(Undo)",
            run: "click",
        },
        {
            content: "Nothing is lost, and what is answered stays in sight",
            trigger:
                "body:not(:has(.modal)) .o_member_mail_reply .odoo-editor-editable:contains(It begins in May.)",
        },
        SEND_REPLY,
        SENT,
        { trigger: ".o_member_mail_conversation .o_member_mail_state:contains(Waiting)" },
    ],
});

tours.add("member_mail_reply_all_tour", {
    steps: () => [
        ...openMenu("Season"),
        choose("reply_all"),
        { trigger: ".o_member_mail_reply .o_member_mail_tags:contains(Bo)" },
        write("Dear both"),
        SEND_REPLY,
        SENT,
    ],
});

tours.add("member_mail_forward_tour", {
    steps: () => [
        ...openMenu("Season"),
        choose("forward"),
        { trigger: ".o_member_mail_reply [name=subject] input:value(Fwd: Season)" },
        { trigger: ".o_member_mail_reply .o_field_member_mail_files:contains(plan.txt)" },
        {
            content: "What is no address says so",
            trigger: ".o_member_mail_reply .o_member_mail_tags input",
            run: "edit nobody && press Enter",
        },
        SEND_REPLY,
        { trigger: ".o_notification:contains(nobody is not an email address)" },
        {
            content: "Away with it",
            trigger: ".o_member_mail_reply .o_member_mail_tags input",
            run: "click",
        },
        { trigger: ".o_member_mail_reply .o_member_mail_tags input", run: "press Backspace" },
        { trigger: ".o_member_mail_reply .o_member_mail_tags input", run: "press Backspace" },
        { trigger: ".o_member_mail_reply .o_member_mail_tags:not(:contains(nobody))" },
        {
            trigger: ".o_member_mail_reply .o_member_mail_tags input",
            run: "edit colleague@club.example && press Enter",
        },
        { trigger: ".o_member_mail_reply .o_member_mail_tags:contains(colleague@club.example)" },
        SEND_REPLY,
        SENT,
    ],
});

const INPUT = ".modal .o_member_mail_tags input";

function paste(name, text) {
    return {
        content: `Paste into ${name}`,
        trigger: `${INPUT}[name=${name}]`,
        run({ anchor }) {
            const clipboardData = new DataTransfer();
            clipboardData.setData("text/plain", text);
            anchor.focus();
            anchor.dispatchEvent(
                new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true })
            );
        },
    };
}

/** The tag of a recipient: what is shown, and the address behind it. */
function tag(field, name, email) {
    const line = `.modal .o_member_mail_recipient_input:has(input[name=${field}])`;
    return {
        trigger: `${line} .o_member_mail_recipient:not(.o_member_mail_invalid)[title="${email}"]:contains("${name}")`,
    };
}

tours.add("member_mail_paste_tour", {
    steps: () => [
        TAB,
        { trigger: ".o_member_mail_write", run: "click" },
        { trigger: ".modal [name=subject] input", run: "edit Boats" },
        paste("email_to", "Else, Bo <bo@else.example>; 'Cy New' <mailto:cy@new.example>;"),
        tag("email_to", "Else, Bo", "bo@else.example"),
        tag("email_to", "Cy New", "cy@new.example"),
        { trigger: ".modal button[data-name=email_cc]", run: "click" },
        paste(
            "email_cc",
            "Name\tE-Mail\r\nDi Member\tdi@member.example\r\n\tel@member.example\r\n"
        ),
        tag("email_cc", "Di Member", "di@member.example"),
        tag("email_cc", "el@member.example", "el@member.example"),
        { trigger: ".modal button[data-name=email_bcc]", run: "click" },
        paste("email_bcc", "\u2022 fo@member.example (Fo\u00a0Member)\n\u2022 nobody"),
        tag("email_bcc", "Fo Member", "fo@member.example"),
        {
            content: "What is no address says so",
            trigger:
                ".modal .o_member_mail_recipients_error:contains(nobody is not an email address)",
        },
        { content: "Away with it", trigger: ".modal [aria-label='Remove nobody']", run: "click" },
        {
            content: "Typed, a comma in a name",
            trigger: `${INPUT}[name=email_bcc]`,
            run: "edit Member, Gu <gu@member.example>;",
        },
        tag("email_bcc", "Member, Gu", "gu@member.example"),
        { trigger: ".modal:not(:has(.o_member_mail_invalid))" },
        SEND,
        SENT,
    ],
});

tours.add("member_mail_template_tour", {
    steps: () => [
        TAB,
        { content: "A new email", trigger: ".o_member_mail_write", run: "click" },
        { trigger: ".modal .o_member_mail_template", run: "click" },
        { trigger: ".o_member_mail_template_menu :contains(Welcome letter)", run: "click" },
        { trigger: ".modal [name=subject] input:value(Welcome Ada Member)" },
        { trigger: ".modal .odoo-editor-editable:contains(Dear Ada Member)" },
        {
            content: "Closed, it is kept",
            trigger: ".modal header .btn-close",
            run: "click",
        },
        { trigger: ".o_member_mail_draft:contains(Welcome Ada Member)" },
        { trigger: ".o_member_mail_resume", run: "click" },
        { trigger: ".modal .odoo-editor-editable:contains(Dear Ada Member)" },
        SEND,
        SENT,
    ],
});

tours.add("member_mail_later_tour", {
    steps: () => [
        TAB,
        { trigger: ".o_member_mail_write", run: "click" },
        { trigger: ".modal [name=subject] input", run: "edit Reminder" },
        { trigger: ".modal .o_member_mail_later", run: "click" },
        { trigger: ".o_member_mail_later_menu :contains(Tomorrow morning)", run: "click" },
        { trigger: ".o_notification:contains(It will be sent on)" },
        { trigger: ".o_member_mail_row .o_member_mail_state:contains(Scheduled)" },
        { trigger: ".o_member_mail_row:contains(Reminder)", run: "click" },
        {
            content: "Rather now",
            trigger: ".o_member_mail_delivery button:contains(Send now)",
            run: "click",
        },
        { trigger: ".o_member_mail_delivery:contains(It will be sent in a moment)" },
    ],
});

tours.add("member_mail_retry_tour", {
    steps: () => [
        TAB,
        { trigger: ".o_member_mail_row .o_member_mail_state:contains(Not sent)" },
        { trigger: ".o_member_mail_row:contains(Offer)", run: "click" },
        { trigger: ".o_member_mail_delivery summary", run: "click" },
        { trigger: ".o_member_mail_server_words:contains(550 5.1.1 No such user)" },
        {
            trigger: ".o_member_mail_delivery button:contains(Try again)",
            run: "click",
        },
        { trigger: ".o_member_mail_delivery:contains(It will be sent in a moment)" },
        {
            content: "Rather otherwise",
            trigger: ".o_member_mail_delivery button:contains(Edit)",
            run: "click",
        },
        { trigger: ".o_member_mail_reply [name=subject] input:value(Offer)" },
    ],
});

tours.add("member_mail_form_edit_tour", {
    steps: () => [
        {
            content: "The conversation, not only the message",
            trigger: ".o_member_mail_form_thread .o_member_mail_message_head:contains(Ada)",
            run: "click",
        },
        { trigger: ".o_member_mail_form_thread .o_member_mail_message_open iframe" },
        { content: "An answer is below the message", trigger: "[data-action=reply]", run: "click" },
        { trigger: "body:not(:has(.modal)) .o_member_mail_reply [name=subject] input" },
        {
            trigger: ".o_member_mail_reply .odoo-editor-editable",
            run: "press Escape",
        },
        {
            content: "Closed, it leaves the focus where one answers",
            trigger: ".o_form_view:not(:has(.o_member_mail_reply)) [data-action=reply]:focus",
        },
        { trigger: ".o_form_view .o_member_mail_delivery summary", run: "click" },
        { trigger: ".o_member_mail_server_words:contains(550 5.1.1 No such user)" },
        { trigger: ".o_member_mail_delivery button:contains(Edit)", run: "click" },
        { trigger: ".modal [name=subject] input:value(Offer)" },
        { content: "Closed, it is kept", trigger: ".modal header .btn-close", run: "click" },
        {
            content: "What became a draft is no longer a message",
            trigger: "body:not(:has(.modal)):not(:has(.o_member_mail_delivery))",
        },
    ],
});
