import { rpc } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { session } from "@web/session";

const tours = registry.category("web_tour.tours");

const TAB = { content: "The Messages tab", trigger: "a[name=member_mail_messages]", run: "click" };
const SEND = { content: "Send", trigger: ".modal .o_member_mail_send:visible", run: "click" };
const SENT = { trigger: "body:not(:has(.modal)) .o_member_mail_sent" };

/** Unfold a conversation and use the menu of its open message. */
function openMenu(subject) {
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

function choose(action) {
    return { trigger: `.o_member_mail_menu [data-action=${action}]`, run: "click" };
}

function type(text) {
    return { trigger: ".modal .odoo-editor-editable", run: `editor ${text}` };
}

tours.add("member_mail_reply_tour", {
    steps: () => [
        ...openMenu("Season"),
        choose("reply"),
        { trigger: ".modal [name=subject] input:value(Re: Season)" },
        { trigger: ".modal .o_member_mail_tags:contains(Ada)" },
        type("It begins in May."),
        SEND,
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
            content: "Nothing is lost",
            trigger: ".modal .odoo-editor-editable:contains(It begins in May.)",
        },
        SEND,
        SENT,
        { trigger: ".o_member_mail_conversation .o_member_mail_state:contains(Waiting)" },
    ],
});

tours.add("member_mail_reply_all_tour", {
    steps: () => [
        ...openMenu("Season"),
        choose("reply_all"),
        { trigger: ".modal .o_member_mail_tags:contains(Bo)" },
        type("Dear both"),
        SEND,
        SENT,
    ],
});

tours.add("member_mail_forward_tour", {
    steps: () => [
        ...openMenu("Season"),
        choose("forward"),
        { trigger: ".modal [name=subject] input:value(Fwd: Season)" },
        { trigger: ".modal .o_field_member_mail_files:contains(plan.txt)" },
        {
            content: "What is no address says so",
            trigger: ".modal .o_member_mail_tags input",
            run: "edit nobody && press Enter",
        },
        SEND,
        { trigger: ".o_notification:contains(nobody is not an email address)" },
        {
            content: "Away with it",
            trigger: ".modal .o_member_mail_tags input",
            run: "click",
        },
        { trigger: ".modal .o_member_mail_tags input", run: "press Backspace" },
        { trigger: ".modal .o_member_mail_tags input", run: "press Backspace" },
        { trigger: ".modal .o_member_mail_tags:not(:contains(nobody))" },
        {
            trigger: ".modal .o_member_mail_tags input",
            run: "edit colleague@club.example && press Enter",
        },
        { trigger: ".modal .o_member_mail_tags:contains(colleague@club.example)" },
        SEND,
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
        { trigger: ".modal [name=subject] input:value(Offer)" },
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

const EDITOR = ".modal .odoo-editor-editable";

function call(model, method, args, kwargs = {}) {
    return rpc(`/web/dataset/call_kw/${model}/${method}`, { model, method, args, kwargs });
}

/** The draft that is open. */
async function draft() {
    const [values] = await call("member.mail.draft", "search_read", [
        [["state", "=", "draft"]],
        ["body", "revision", "answered_id", "res_id"],
    ]);
    return values;
}

/** Wait until something is true of the open draft. */
async function saved(isThere) {
    for (let count = 0; count < 600; count++) {
        if (isThere(await draft())) {
            return;
        }
        await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error("The draft was not saved.");
}

/** Press a key on what has the focus, as people do. */
function press(key, options = {}) {
    const target = document.activeElement;
    const event = { key, bubbles: true, cancelable: true, ...options };
    const isTaken = !target.dispatchEvent(new KeyboardEvent("keydown", event));
    if (key === "Enter" && !isTaken && target.matches("button")) {
        target.click();
    }
}

function pressKey(key, options) {
    return { content: `Press ${key}`, trigger: "body", run: () => press(key, options) };
}

function caretAtEnd(editable) {
    const texts = document.createTreeWalker(editable, NodeFilter.SHOW_TEXT);
    let last = editable;
    while (texts.nextNode()) {
        last = texts.currentNode;
    }
    getSelection().setPosition(last, last.length ?? last.childNodes.length);
}

function pasteIntoText(fill) {
    return {
        content: "Paste into the text",
        trigger: EDITOR,
        async run({ anchor }) {
            const clipboardData = new DataTransfer();
            await fill(clipboardData);
            anchor.focus();
            caretAtEnd(anchor);
            anchor.dispatchEvent(
                new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true })
            );
        },
    };
}

/** A picture like a screenshot: its bytes can't be made fewer. */
async function screenshot() {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 200;
    const context = canvas.getContext("2d");
    const pixels = context.createImageData(200, 200);
    crypto.getRandomValues(new Uint8Array(pixels.data.buffer, 0, 65536));
    context.putImageData(pixels, 0, 0);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
    return new File([blob], "shot.png", { type: "image/png" });
}

const ROW_HAS_FOCUS = {
    content: "The focus is back where it came from",
    trigger: "body:not(:has(.modal)) .o_member_mail_conversation:has(:focus)",
};

tours.add("member_mail_paste_text_tour", {
    steps: () => [
        ...openMenu("Season"),
        choose("reply"),
        type("See."),
        pasteIntoText((data) =>
            data.setData(
                "text/html",
                `<p style="mso-list:l0 level1 lfo1"><span style="mso-list:Ignore">1.</span>oars</p>
                <p><span style="color: rgb(204, 0, 0)">red</span><img src="file:///C:/clip.png">
                <img src="/web/image/1"></p>`
            )
        ),
        { trigger: `${EDITOR} ol li:contains(oars)` },
        { trigger: `${EDITOR} font[style*="204"]:contains(red)` },
        { trigger: `${EDITOR}:not(:has(img))` },
        pasteIntoText(async (data) => data.items.add(await screenshot())),
        { trigger: `${EDITOR} img` },
        {
            content: "It becomes a file of the draft",
            trigger: EDITOR,
            run: () =>
                saved(({ body }) => body.includes('src="/web/image/') && !body.includes("data:")),
        },
        { trigger: ".modal .o_member_mail_file_sum:contains(Pictures in the text)" },
        SEND,
        SENT,
    ],
});

tours.add("member_mail_keyboard_tour", {
    steps: () => [
        TAB,
        {
            content: "A line of the list",
            trigger: ".o_member_mail_row:contains(Season)",
            run: ({ anchor }) => anchor.focus(),
        },
        pressKey("?"),
        { trigger: ".modal .o_member_mail_keys:contains(Reply all)" },
        pressKey("Escape"),
        ROW_HAS_FOCUS,
        pressKey("r"),
        { trigger: ".modal [name=subject] input:value(Re: Season)" },
        type("By keyboard."),
        { content: "A menu", trigger: ".modal .o_member_mail_later", run: "click" },
        { trigger: ".o_member_mail_later_menu" },
        pressKey("Escape"),
        {
            content: "Closes the menu alone",
            trigger: "body:not(:has(.o_member_mail_later_menu)) .modal .o_member_mail_later",
        },
        {
            content: "Back to the text",
            trigger: EDITOR,
            run({ anchor }) {
                anchor.focus();
                caretAtEnd(anchor);
            },
        },
        pressKey("Tab"),
        { trigger: ".modal .o_member_mail_send:focus" },
        { trigger: `${EDITOR}:not(:has(.oe-tabs))` },
        pressKey("Enter"),
        SENT,
        ROW_HAS_FOCUS,
        { trigger: ".o_member_mail_sent button:contains(Undo)", run: "click" },
        { trigger: `${EDITOR}:contains(By keyboard.)` },
        pressKey("Escape"),
        { trigger: ".o_member_mail_draft:contains(Re: Season)" },
        ROW_HAS_FOCUS,
        pressKey("/"),
        { trigger: ".o_member_mail_search input:focus" },
    ],
});

tours.add("member_mail_two_answers_tour", {
    steps: () => [
        ...openMenu("Season"),
        choose("reply"),
        type("Mine."),
        { content: "Saved", trigger: EDITOR, run: () => saved(({ body }) => /Mine/.test(body)) },
        {
            content: "The same draft, changed elsewhere",
            trigger: EDITOR,
            async run() {
                const { id } = await draft();
                await call("member.mail.draft", "web_save", [[id], { subject: "Elsewhere" }], {
                    specification: {},
                });
            },
        },
        { trigger: ".modal [name=subject] input", run: "edit Here" },
        { trigger: ".modal .o_member_mail_elsewhere:contains(changed in another window)" },
        {
            content: "Neither overwrites the other",
            trigger: ".modal",
            async run() {
                const { id } = await draft();
                const [{ subject }] = await call("member.mail.draft", "read", [[id], ["subject"]]);
                if (subject !== "Elsewhere") {
                    throw new Error(subject);
                }
            },
        },
        { trigger: ".modal button:contains(Keep mine)", run: "click" },
        { trigger: ".modal:not(:has(.o_member_mail_elsewhere)) [name=subject] input:value(Here)" },
        {
            content: "The session ends",
            trigger: EDITOR,
            async run() {
                await saved(({ revision }) => revision > 2);
                await rpc("/web/session/destroy", {});
            },
        },
        type("More of mine."),
        { trigger: ".modal .o_member_mail_logged_out" },
        {
            content: "Logged in again",
            trigger: EDITOR,
            run: () =>
                rpc("/web/session/authenticate", {
                    db: session.db,
                    login: "mail_user",
                    password: "mail_user",
                }),
        },
        { trigger: ".modal [name=subject] input", run: "edit Again here" },
        { trigger: ".modal:not(:has(.o_member_mail_logged_out))" },
        {
            content: "Nothing is lost; meanwhile somebody else answers",
            trigger: EDITOR,
            async run() {
                await saved(({ body }) => /More of mine/.test(body));
                const { answered_id, res_id } = await draft();
                const { res_id: id } = await call("member.mail.draft", "open_draft", [
                    "res.partner",
                    [res_id],
                    "reply",
                    answered_id[0],
                ]);
                await call("member.mail.draft", "action_send", [[id]]);
            },
        },
        SEND,
        {
            trigger: ".modal:contains(Send another answer?) button:contains(Back to the email)",
            run: "click",
        },
        { trigger: ".modal .o_member_mail_answered" },
        SEND,
        SENT,
    ],
});
