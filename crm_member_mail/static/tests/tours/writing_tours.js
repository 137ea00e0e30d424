import { rpc } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { session } from "@web/session";
import { choose, openMenu, SEND_REPLY, SENT, TAB, write } from "./composer_tours";

const tours = registry.category("web_tour.tours");

const EDITOR = ".odoo-editor-editable";

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
    trigger: "body:not(:has(.modal, .o_member_mail_reply)) .o_member_mail_conversation:has(:focus)",
};

tours.add("member_mail_paste_text_tour", {
    steps: () => [
        ...openMenu("Season"),
        choose("reply"),
        write("See."),
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
        { trigger: ".o_member_mail_reply .o_member_mail_file_sum:contains(Pictures in the text)" },
        SEND_REPLY,
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
        { trigger: ".o_member_mail_reply [name=subject] input:value(Re: Season)" },
        write("By keyboard."),
        { content: "A menu", trigger: ".o_member_mail_reply .o_member_mail_later", run: "click" },
        { trigger: ".o_member_mail_later_menu" },
        pressKey("Escape"),
        {
            content: "Closes the menu alone",
            trigger:
                "body:not(:has(.o_member_mail_later_menu)) .o_member_mail_reply .o_member_mail_later",
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
        { trigger: ".o_member_mail_reply .o_member_mail_send:focus" },
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
        write("Mine."),
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
        { trigger: ".o_member_mail_reply [name=subject] input", run: "edit Here" },
        {
            trigger:
                ".o_member_mail_reply .o_member_mail_elsewhere:contains(changed in another window)",
        },
        {
            content: "Neither overwrites the other",
            trigger: ".o_member_mail_reply",
            async run() {
                const { id } = await draft();
                const [{ subject }] = await call("member.mail.draft", "read", [[id], ["subject"]]);
                if (subject !== "Elsewhere") {
                    throw new Error(subject);
                }
            },
        },
        { trigger: ".o_member_mail_reply button:contains(Keep mine)", run: "click" },
        {
            trigger:
                ".o_member_mail_reply:not(:has(.o_member_mail_elsewhere)) [name=subject] input:value(Here)",
        },
        {
            content: "The session ends",
            trigger: EDITOR,
            async run() {
                await saved(({ revision }) => revision > 2);
                await rpc("/web/session/destroy", {});
            },
        },
        write("More of mine."),
        { trigger: ".o_member_mail_reply .o_member_mail_logged_out" },
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
        { trigger: ".o_member_mail_reply [name=subject] input", run: "edit Again here" },
        { trigger: ".o_member_mail_reply:not(:has(.o_member_mail_logged_out))" },
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
        SEND_REPLY,
        {
            trigger: ".modal:contains(Send another answer?) button:contains(Back)",
            run: "click",
        },
        { trigger: ".o_member_mail_reply .o_member_mail_answered" },
        SEND_REPLY,
        SENT,
    ],
});
