import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { startBusService, waitForChannels } from "@bus/../tests/bus_test_helpers";
import { beforeEach, expect, test } from "@odoo/hoot";
import {
    Deferred,
    press,
    queryAll,
    queryAllTexts,
    queryFirst,
    waitFor,
    waitUntil,
} from "@odoo/hoot-dom";
import { advanceTime, animationFrame, mockDate } from "@odoo/hoot-mock";
import { Component, xml } from "@odoo/owl";
import {
    contains,
    getService,
    MockServer,
    mountWithCleanup,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { browser } from "@web/core/browser/browser";
import { MAIL_NOTIFICATION } from "@crm_member_mail/messages_tab/live";
import { MessageCard } from "@crm_member_mail/messages_tab/message_card";
import { MessagesTab } from "@crm_member_mail/messages_tab/messages_tab";
import { TabModel } from "@crm_member_mail/messages_tab/tab_model";

defineMailModels();

const ADA = { role: "from", name: "Ada", email: "ada@member.example", partner_id: 7 };
const DESK = { role: "to", name: "Desk", email: "desk@club.example", partner_id: false };

/** A mailbox as the server has it: list of messages, oldest first. */
let mailbox;
let calls;

function message(id, values = {}) {
    return {
        id,
        conversation_id: id,
        subject: `Subject ${id}`,
        date: `2026-02-${String(1 + (id % 28)).padStart(2, "0")} 10:00:00`,
        direction: "in",
        state: "received",
        preview: `Preview ${id}`,
        correspondent: "Ada",
        sender: ADA,
        who: ADA,
        has_attachments: false,
        is_automatic: false,
        is_news: true,
        is_unread: false,
        authenticity: "",
        protection: "",
        accounts: ["Front desk"],
        ...values,
    };
}

function getPage(flat, query, only, offset, limit) {
    const found = mailbox.filter(
        (one) => one.subject.includes(query) && (only !== "unread" || one.is_unread)
    );
    const groups = new Map();
    for (const one of found) {
        const key = flat ? `m${one.id}` : `c${one.conversation_id}`;
        groups.set(key, [...(groups.get(key) || []), one]);
    }
    const cards = [...groups].map(([key, messages]) => ({
        ...messages.at(-1),
        key,
        count: messages.length,
        unread: messages.filter(({ is_unread }) => is_unread).length,
        found: messages.map(({ id }) => id),
    }));
    cards.sort((one, other) => other.id - one.id);
    return {
        cards: cards.slice(offset, offset + limit),
        total: cards.length,
        messages: found.length,
        unread: mailbox.filter(({ is_unread }) => is_unread).length,
        watch: { "res.partner": [7] },
    };
}

beforeEach(() => {
    mockDate("2026-02-20 12:00:00");
    mailbox = [
        message(1, { subject: "Rooms" }),
        message(2, { conversation_id: 1, subject: "Re: Rooms", direction: "out", sender: DESK }),
        message(3, { subject: "Invoice", has_attachments: true, is_unread: true }),
    ];
    calls = [];
    // What shows a body asks for it by itself, and has tests of its own.
    class Body extends Component {
        static template = xml`<p class="body">Text of <t t-esc="props.messageId"/></p>`;
        static props = ["*"];
    }
    class NoEvidence extends Body {
        static template = xml`<p/>`;
    }
    patchWithCleanup(MessageCard, {
        components: { ...MessageCard.components, Evidence: NoEvidence, MessageBody: Body },
    });
    onRpc("member.mail.tab", "get_page", ({ kwargs }) => {
        const { flat, query, only, offset, limit } = kwargs;
        const asked = ["page", offset, flat && "flat", query, only];
        expect.step(asked.filter((part) => part || part === 0).join(" "));
        return getPage(flat, query, only, offset, limit);
    });
    onRpc("member.mail.tab", "get_thread", ({ args }) =>
        mailbox.filter(({ conversation_id }) => conversation_id === args[2])
    );
    onRpc("member.mail.tab", "get_messages", ({ args }) =>
        mailbox
            .filter(({ id }) => args[0].includes(id))
            .map((one) => ({
                ...one,
                participants: [ADA, DESK],
                attachments: [],
                remote_attachments: [],
                defects: false,
                invitation: one.invitation || false,
            }))
    );
    onRpc("member.mail.message", "*", ({ method, args, kwargs }) => {
        calls.push([
            method,
            ...args,
            ...Object.values(kwargs).filter((one) => one.constructor !== Object),
        ]);
        return answers[method]?.(...args) ?? true;
    });
    drafts = [];
    discarded = [];
    opened = [];
    onRpc("member.mail.draft", "get_drafts", () => drafts);
    onRpc("member.mail.draft", "action_discard", ({ args }) => {
        discarded.push(...args[0]);
        drafts = [];
        return true;
    });
    onRpc("member.mail.draft", "open_draft", ({ args }) => {
        opened.push(args);
        return { type: "ir.actions.act_window_close" };
    });
    onRpc("has_group", () => true);
    onRpc("crm.lead", "has_access", () => true);
});

const answers = {
    get_delete_warning: () => "They go from Odoo for everybody.",
    action_trash(ids) {
        trash = mailbox.filter(({ id }) => ids.includes(id));
        mailbox = mailbox.filter(({ id }) => !ids.includes(id));
        return { ids, seconds: 10 };
    },
    action_restore() {
        mailbox = [...mailbox, ...trash].sort((one, other) => one.id - other.id);
        return true;
    },
    action_answer: () => false,
    mark_seen(ids) {
        for (const one of mailbox) {
            one.is_unread &&= !ids.includes(one.id);
        }
    },
    get_original_headers: () => "Received: from mx",
};
let trash;
let drafts;
let discarded;
let opened;

/** The calls of methods of messages so far; forgets them. */
function called() {
    const found = calls;
    calls = [];
    return found;
}

async function mountTab() {
    await mountWithCleanup(MessagesTab, { props: { resModel: "res.partner", resId: 7 } });
}

const subjects = () => queryAllTexts(".o_member_mail_subject");
const bodies = () => queryAllTexts(".body");

test("conversations, newest first, with what one wants to know of each", async () => {
    await mountTab();
    expect.verifySteps(["page 0"]);
    expect(subjects()).toEqual(["Invoice", "Re: Rooms"]);
    expect(".o_member_mail_summary").toHaveText("3 messages in 2 conversations");
    const [invoice, rooms] = queryAll(".o_member_mail_conversation");
    expect(invoice).toHaveClass("o_member_mail_unread");
    expect(rooms).not.toHaveClass("o_member_mail_unread");
    expect(".o_member_mail_row:eq(0) [aria-label=Received]").toHaveCount(1);
    expect(".o_member_mail_row:eq(0) [aria-label='With attachment']").toHaveCount(1);
    expect(".o_member_mail_row:eq(0) .o_member_mail_count").toHaveCount(0);
    expect(".o_member_mail_row:eq(1) [aria-label=Sent]").toHaveCount(1);
    expect(".o_member_mail_row:eq(1) .o_member_mail_count").toHaveText("2");
    expect(".o_member_mail_row:eq(1) .o_member_mail_account").toHaveText("Front desk");
    expect(".o_member_mail_row:eq(0) img.o_member_mail_avatar").toHaveAttribute(
        "data-src",
        /res\.partner\/7\/avatar_128/
    );
    expect(".o_member_mail_row:eq(0)").toHaveAttribute(
        "aria-label",
        /^Received from Ada, Invoice, .*2026.*, 1 unread, with attachment$/
    );
});

test("dates are relative, and absolute for the mouse", async () => {
    mailbox = [
        message(1, { date: "2026-02-20 08:30:00" }),
        message(2, { date: "2026-02-18 08:30:00" }),
        message(3, { date: "2025-12-24 08:30:00" }),
    ];
    await mountTab();
    expect(queryAllTexts(".o_member_mail_date")).toEqual(["Dec 24, 2025", "2 days ago", "9:30 AM"]);
    expect(".o_member_mail_date:eq(1)").toHaveAttribute("title", /February 18, 2026/);
    expect.verifySteps(["page 0"]);
});

test("a forged sender is marked in the list and in the message", async () => {
    mailbox = [message(1, { authenticity: "failed" })];
    await mountTab();
    expect(".o_member_mail_failed").toHaveText("Forged?");
    await contains(".o_member_mail_row").click();
    expect(".alert-danger").toHaveText(/Forged\?.*ada@member.example/);
    expect.verifySteps(["page 0"]);
});

test("a signed or encrypted message says so", async () => {
    mailbox = [
        message(1, { protection: "signed" }),
        message(2, { conversation_id: 1, protection: "encrypted" }),
        message(3, { conversation_id: 1, protection: "" }),
    ];
    await mountTab();
    await contains(".o_member_mail_row").click();
    expect(".o_member_mail_tag").toHaveCount(0);
    await contains(".o_member_mail_message_head:eq(0)").click();
    await contains(".o_member_mail_message_head:eq(1)").click();
    expect(queryAllTexts(".o_member_mail_tag")).toEqual(["Signed (not checked)", "Encrypted"]);
    expect.verifySteps(["page 0"]);
});

test("a conversation unfolds in place, its newest message open", async () => {
    await mountTab();
    await contains(".o_member_mail_row:eq(1)").click();
    expect(".o_member_mail_row:eq(1)").toHaveAttribute("aria-expanded", "true");
    expect(queryAllTexts(".o_member_mail_message_card .o_member_mail_who")).toEqual([
        "Ada",
        "Desk",
    ]);
    expect(bodies()).toEqual(["Text of 2"]);
    expect(".o_member_mail_message_card:eq(0) .o_member_mail_preview").toHaveText("Preview 1");
    await contains(".o_member_mail_message_head:eq(0)").click();
    expect(bodies()).toEqual(["Text of 1", "Text of 2"]);
    await contains(".o_member_mail_people_toggle:eq(0)").click();
    expect(queryAllTexts(".o_member_mail_participants dt")).toEqual(["From", "To"]);
    await contains(".o_member_mail_message_head:eq(0)").click();
    expect(bodies()).toEqual(["Text of 2"]);
    await contains(".o_member_mail_row:eq(1)").click();
    expect(".o_member_mail_thread").toHaveCount(0);
    expect.verifySteps(["page 0"]);
    expect(called()).toEqual([]);
});

test("earlier messages of a long conversation wait behind a button", async () => {
    mailbox = Array.from({ length: 9 }, (_, number) => message(number + 1, { conversation_id: 1 }));
    await mountTab();
    await contains(".o_member_mail_row").click();
    expect(".o_member_mail_earlier").toHaveText("7 earlier messages");
    expect(".o_member_mail_message_card").toHaveCount(2);
    await contains(".o_member_mail_earlier").click();
    expect(".o_member_mail_message_card").toHaveCount(9);
    expect(bodies()).toEqual(["Text of 9"]);
    expect.verifySteps(["page 0"]);
});

test("an event is above the text", async () => {
    const invitation = { kind: "cancel", heading: "Cancelled", title: "Visit", rows: [] };
    mailbox = [message(3, { subject: "Visit", invitation })];
    await mountTab();
    await contains(".o_member_mail_row").click();
    expect(".o_member_mail_invitation_title").toHaveText("Visit");
    expect(bodies()).toEqual(["Text of 3"]);
    expect.verifySteps(["page 0"]);
});

test("what one opens is read", async () => {
    await mountTab();
    expect(".o_member_mail_all_read").toHaveText("Mark all read (1)");
    await contains(".o_member_mail_row:eq(0)").click();
    expect(called()).toEqual([["mark_seen", [3]]]);
    expect(".o_member_mail_conversation.o_member_mail_unread").toHaveCount(0);
    expect(".o_member_mail_all_read").toHaveCount(0);
    expect.verifySteps(["page 0"]);
});

test("mark all read", async () => {
    await mountTab();
    await contains(".o_member_mail_all_read").click();
    expect(called()).toEqual([["mark_all_seen", "res.partner", 7]]);
    expect(".o_member_mail_unread").toHaveCount(0);
    expect.verifySteps(["page 0"]);
});

test("flat or in conversations, and the browser remembers it", async () => {
    await mountTab();
    await contains(".o_member_mail_flat").click();
    expect(subjects()).toEqual(["Invoice", "Re: Rooms", "Rooms"]);
    expect(".o_member_mail_summary").toHaveText("3 messages");
    expect(browser.localStorage.getItem("crm_member_mail.flat")).toBe("true");
    await contains(".o_member_mail_row:eq(2)").click();
    expect(bodies()).toEqual(["Text of 1"]);
    expect.verifySteps(["page 0", "page 0 flat"]);
});

test("the browser remembered it", async () => {
    browser.localStorage.setItem("crm_member_mail.flat", "true");
    await mountTab();
    expect(".o_member_mail_flat").toHaveAttribute("aria-pressed", "true");
    expect.verifySteps(["page 0 flat"]);
});

test("search as one types, and back", async () => {
    await mountTab();
    await contains(".o_member_mail_search input").edit("Roo", { confirm: false });
    await advanceTime(100);
    expect.verifySteps(["page 0"]);
    await advanceTime(300);
    await animationFrame();
    expect.verifySteps(["page 0 Roo"]);
    expect(subjects()).toEqual(["Re: Rooms"]);
    expect(".o_member_mail_summary").toHaveText("2 messages found");
    await contains(".o_member_mail_row").click();
    expect(bodies()).toEqual(["Text of 1", "Text of 2"], { message: "what was found is open" });
    await contains(".o_member_mail_search input").edit("nowhere", { confirm: "Enter" });
    expect.verifySteps(["page 0 nowhere"]);
    expect(".o_member_mail_nothing").toHaveText(/Nothing found/);
    await contains(".o_member_mail_nothing button").click();
    expect.verifySteps(["page 0"]);
    expect(".o_member_mail_search input").toHaveValue("");
    expect(".o_member_mail_search input").toBeFocused();
    expect(".o_member_mail_row").toHaveCount(2);
});

test("only the unread ones", async () => {
    await mountTab();
    await contains(".o_member_mail_only").select("unread");
    expect.verifySteps(["page 0", "page 0 unread"]);
    expect(subjects()).toEqual(["Invoice"]);
});

test("an email that was not sent says why, and what to do", async () => {
    const out = { direction: "out", conversation_id: 1, date: "2026-02-10 10:00:00" };
    mailbox = [
        message(1, {
            ...out,
            state: "failed",
            failure_reason: "The mail server refused the email.",
            failure_details: "550 No such user",
        }),
        message(2, { ...out, state: "uncertain", failure_reason: "Perhaps" }),
        message(3, { ...out, state: "outgoing", scheduled_date: "2026-02-25 10:00:00" }),
    ];
    await mountTab();
    expect(".o_member_mail_row .o_member_mail_state").toHaveText("Scheduled");
    await contains(".o_member_mail_row").click();
    expect(".o_member_mail_message_head .o_member_mail_state:eq(0)").toHaveText("Not sent");
    expect(".o_member_mail_delivery").toHaveText(/^Scheduled\. It will be sent on Feb 25, /);
    await contains(".o_member_mail_delivery button:contains(Send now)").click();
    expect(called()).toEqual([["action_send_now", [3]]]);
    await contains(".o_member_mail_message_head:eq(0)").click();
    expect(".o_member_mail_delivery:eq(0)").toHaveText(/Not sent\. The mail server refused/);
    expect(".o_member_mail_delivery:eq(0)").not.toHaveText(/550/);
    await contains(".o_member_mail_delivery:eq(0) summary").click();
    expect(".o_member_mail_server_words").toHaveText(/550 No such user/);
    await contains(".o_member_mail_delivery:eq(0) button:contains(Try again)").click();
    expect(called()).toEqual([["action_retry_sending", [1]]]);
    await contains(".o_member_mail_message_head:eq(1)").click();
    await contains(".o_member_mail_delivery:eq(1) button:contains(Send again)").click();
    expect(".modal-body").toHaveText(/get it twice/);
    expect(called()).toEqual([]);
    await contains(".modal button:contains(Cancel)").click();
    await contains(".o_member_mail_delivery:eq(1) button:contains(Mark as sent)").click();
    expect(called()).toEqual([["action_mark_sent", [2]]]);
    await advanceTime(1000);
    expect.verifySteps(["page 0", "page 0"]);
});

test("drafts wait above the messages", async () => {
    drafts = [{ id: 5, subject: "Offer", to: "Ada", date: "2026-02-20 08:00:00", mode: "new" }];
    await mountTab();
    expect(".o_member_mail_draft").toHaveText(/Draft.*Offer, to Ada/s);
    await contains(".o_member_mail_draft [aria-label='Discard this draft']").click();
    expect(discarded).toEqual([5]);
    await advanceTime(1000);
    await animationFrame();
    expect(".o_member_mail_draft").toHaveCount(0);
    expect.verifySteps(["page 0", "page 0"]);
});

test("write an email", async () => {
    await mountTab();
    await contains(".o_member_mail_write").click();
    expect(opened).toEqual([["res.partner", [7]]]);
    expect.verifySteps(["page 0"]);
});

test("pages come as one scrolls", async () => {
    mailbox = Array.from({ length: 70 }, (_, number) => message(number + 1));
    await mountTab();
    // The browser tells in its own time that the end is in sight.
    await waitUntil(() => {
        queryFirst(".o_member_mail_end")?.scrollIntoView();
        return queryAll(".o_member_mail_row").length === 70;
    });
    expect(".o_member_mail_row").toHaveCount(70);
    expect(".o_member_mail_end").toHaveCount(0);
    expect.verifySteps(["page 0", "page 30", "page 60"]);
});

test("keys: down, up, enter, escape, r, delete, slash", async () => {
    await mountTab();
    await contains(".o_member_mail_search input").focus();
    await press("ArrowDown");
    expect(".o_member_mail_row:eq(0)").toBeFocused();
    await press("ArrowDown");
    expect(".o_member_mail_row:eq(1)").toBeFocused();
    await press("Enter");
    await animationFrame();
    await animationFrame();
    expect(bodies()).toEqual(["Text of 2"]);
    await press("ArrowDown");
    expect(".o_member_mail_message_head:eq(0)").toBeFocused();
    await press("Enter");
    await animationFrame();
    await animationFrame();
    expect(bodies()).toEqual(["Text of 1", "Text of 2"]);
    await press("r");
    await animationFrame();
    expect(called()).toEqual([["action_answer", [1], "reply", "res.partner", 7]]);
    await press("Escape");
    await animationFrame();
    expect(".o_member_mail_thread").toHaveCount(0);
    expect(".o_member_mail_row:eq(1)").toBeFocused();
    await press("r");
    await animationFrame();
    expect(called()).toEqual([["action_answer", [2], "reply", "res.partner", 7]]);
    await press("Delete");
    await animationFrame();
    expect(".modal-title").toHaveText("Delete these 2 messages?");
    await contains(".modal button:contains(Cancel)").click();
    await press("/");
    expect(".o_member_mail_search input").toBeFocused();
    await press("ArrowUp");
    expect.verifySteps(["page 0"]);
});

test("delete asks once, says what happens, and can be taken back", async () => {
    await mountTab();
    await contains(".o_member_mail_row:eq(0)").click();
    called();
    await contains(".o_member_mail_more").click();
    await contains(".o_member_mail_menu [data-action=delete]").click();
    expect(".modal-title").toHaveText("Delete this message?");
    expect(".modal-body").toHaveText("They go from Odoo for everybody.");
    await contains(".modal .btn-danger").click();
    expect(subjects()).toEqual(["Re: Rooms"]);
    expect(called()).toEqual([
        ["get_delete_warning", [3]],
        ["action_trash", [3]],
    ]);
    await contains(".o_notification:contains(Message deleted) button:contains(Undo)").click();
    expect(called()).toEqual([["action_restore", [3]]]);
    expect(subjects()).toEqual(["Invoice", "Re: Rooms"]);
    expect.verifySteps(["page 0", "page 0", "page 0"]);
});

test("the menu of a message", async () => {
    await mountTab();
    await contains(".o_member_mail_row:eq(0)").click();
    await contains(".o_member_mail_more").click();
    expect(queryAllTexts(".o_member_mail_menu [role=menuitem]")).toEqual([
        "Reply",
        "Reply all",
        "Forward",
        "Create opportunity",
        "File under…",
        "Log as note",
        "Take the conversation off this contact",
        "Move to another conversation",
        "Mark as unread",
        "Print",
        "Download .eml",
        "Show original headers",
        "Exclude this sender",
        "Delete",
    ]);
    called();
    await contains(".o_member_mail_menu [data-action=headers]").click();
    expect(".modal .o_member_mail_headers").toHaveText("Received: from mx");
    expect.verifySteps(["page 0"]);
});

test("copies of one email are one row, and each can be read", async () => {
    const copies = [
        { id: 3, subject: "Invoice", accounts: ["Front desk"] },
        { id: 4, subject: "[EXT] Invoice", accounts: ["Sales"] },
    ];
    mailbox = [message(3, { subject: "Invoice", copies })];
    onRpc("member.mail.tab", "get_messages", ({ args }) =>
        args[0].map((id) =>
            message(id, {
                ...copies.find((copy) => copy.id === id),
                copies,
                participants: [ADA, DESK],
                attachments: [],
                remote_attachments: [],
                defects: false,
            })
        )
    );
    await mountTab();
    expect(".o_member_mail_row .o_member_mail_tag").toHaveText("2 copies");
    expect(".o_member_mail_row .o_member_mail_count").toHaveCount(0);
    expect(".o_member_mail_row").toHaveAttribute("aria-label", /, 2 copies$/);
    await contains(".o_member_mail_row").click();
    expect(bodies()).toEqual(["Text of 3"]);
    expect(queryAllTexts(".o_member_mail_copies button")).toEqual([
        "Copy 1: Front desk",
        "Copy 2: Sales",
    ]);
    expect(".o_member_mail_copies button:eq(0)").toHaveAttribute("aria-pressed", "true");
    await contains(".o_member_mail_copies button:eq(1)").click();
    expect(bodies()).toEqual(["Text of 4"]);
    expect(".o_member_mail_copies button:eq(1)").toHaveAttribute("aria-pressed", "true");
    called();
    // Both go when the email is deleted.
    await contains(".o_member_mail_more").click();
    await contains(".o_member_mail_menu [data-action=delete]").click();
    await contains(".modal .btn-danger").click();
    expect(called()).toInclude(["action_trash", [3, 4]]);
    expect.verifySteps(["page 0", "page 0"]);
});

test("a message moves to another conversation, and back", async () => {
    onRpc("member.mail.message", "get_other_conversations", ({ kwargs }) =>
        kwargs.query ? [] : [{ id: 1, subject: "Rooms", date: "2026-02-03 10:00:00", count: 2 }]
    );
    onRpc("member.mail.message", "action_join_conversation", ({ args }) => {
        expect.step(`join ${args[0]} ${args[1]}`);
        return { conversation_id: args[1], message_ids: args[0], from_id: false };
    });
    await mountTab();
    await contains(".o_member_mail_row:eq(0)").click();
    await contains(".o_member_mail_more").click();
    await contains(".o_member_mail_menu [data-action=join_conversation]").click();
    expect(".modal .o_member_mail_other_conversation").toHaveText(/Rooms\s*2 messages/);
    await contains(".modal input[type=search]").edit("nowhere", { confirm: false });
    await advanceTime(300);
    await animationFrame();
    expect(".modal [role=status]").toHaveText("Nothing found.");
    await contains(".modal input[type=search]").edit("", { confirm: false });
    await advanceTime(300);
    await contains(".modal .o_member_mail_other_conversation").click();
    await contains('.o_notification:contains(Moved to "Rooms") button:contains(Undo)').click();
    await animationFrame();
    expect.verifySteps(["page 0", "join 3 1", "page 0", "join 3 false", "page 0"]);
});

test("a whole conversation is taken off the contact, with undo", async () => {
    onRpc("member.mail.conversation", "action_take_off_here", ({ args }) => {
        expect.step(`take off ${args}`);
        return {
            type: "ir.actions.client",
            tag: "member_mail_filed",
            params: { message: "Taken off Ada.", ids: [1, 2], partner_ids: [7], lead_ids: [] },
        };
    });
    onRpc("member.mail.message", "action_undo_filing", ({ args, kwargs }) => {
        expect.step(`undo ${args} ${kwargs.partner_ids}`);
        return true;
    });
    await mountTab();
    await contains(".o_member_mail_row:eq(1)").click();
    await contains(".o_member_mail_more").click();
    expect(".o_member_mail_menu [data-action=take_off_lead]").toHaveCount(0);
    await contains(".o_member_mail_menu [data-action=take_off_contact]").click();
    await contains(".o_notification:contains(Taken off Ada) button:contains(Undo)").click();
    await advanceTime(400);
    expect.verifySteps(["page 0", "take off 1,res.partner,7", "undo 1,2 7", "page 0"]);
});

test("a conversation is split where it should have ended", async () => {
    onRpc("member.mail.message", "action_split_conversation", ({ args }) => {
        expect.step(`split ${args[0]}`);
        mailbox[1].conversation_id = 2;
        return { conversation_id: 2, message_ids: [2], from_id: 1 };
    });
    await mountTab();
    await contains(".o_member_mail_row:eq(1)").click();
    await contains(".o_member_mail_more").click();
    await contains(".o_member_mail_menu [data-action=split_conversation]").click();
    await waitFor(".o_notification:contains(new conversation now)");
    expect(subjects()).toEqual(["Invoice", "Re: Rooms", "Rooms"]);
    expect.verifySteps(["page 0", "split 2", "page 0"]);
});

test("a user without these rights is not offered what needs them", async () => {
    onRpc("has_group", () => false);
    onRpc("crm.lead", "has_access", () => false);
    await mountTab();
    await contains(".o_member_mail_row:eq(0)").click();
    await contains(".o_member_mail_more").click();
    expect(".o_member_mail_menu [data-action=reply]").toHaveCount(1);
    expect(".o_member_mail_menu [data-action=create_lead]").toHaveCount(0);
    expect(".o_member_mail_menu [data-action=exclude]").toHaveCount(0);
    expect.verifySteps(["page 0"]);
});

test("new mail appears by itself, and what is open stays open", async () => {
    await mountTab();
    await contains(".o_member_mail_row:eq(1)").click();
    mailbox.push(message(4, { subject: "Re: Rooms again", conversation_id: 1 }));
    startBusService();
    getService("bus_service").addChannel("mailbox");
    await waitForChannels(["mailbox"]);
    async function notify(partnerIds) {
        const arrived = new Deferred();
        getService("bus_service").subscribe(MAIL_NOTIFICATION, () => arrived.resolve());
        const payload = { partner_ids: partnerIds, lead_ids: [], message_ids: [4] };
        MockServer.env["bus.bus"]._sendone("mailbox", MAIL_NOTIFICATION, payload);
        await arrived;
        await advanceTime(1000);
        await animationFrame();
    }
    await notify([8]);
    expect.verifySteps(["page 0"]);
    await notify([7, 9]);
    expect.verifySteps(["page 0"]);
    expect(subjects()).toEqual(["Re: Rooms again", "Invoice"]);
    expect(bodies()).toEqual(["Text of 2", "Text of 4"]);
});

test("nothing yet", async () => {
    mailbox = [];
    await mountTab();
    expect(".o_member_mail_nothing").toHaveText(/No email exchanged yet/);
    expect(".o_member_mail_row").toHaveCount(0);
    expect.verifySteps(["page 0"]);
});

test("who waits for a page goes on when another one overtakes it", async () => {
    const answers = [new Deferred(), new Deferred(), new Deferred()];
    let asked = 0;
    const orm = { silent: { call: () => answers[asked++] } };
    const model = new TabModel(orm, "res.partner", 7);
    const refreshed = Promise.all([model.refresh(), model.refresh(), model.load()]);
    answers[2].resolve({ cards: [], total: 0, messages: 3, unread: 0, watch: {} });
    answers[0].resolve({ cards: [], total: 0, messages: 1, unread: 0, watch: {} });
    answers[1].reject(new Error("too late to matter"));
    await refreshed;
    expect(model.messages).toBe(3);
    expect(model.isLoading).toBe(false);
});

test("a conversation says which opportunity it belongs to", async () => {
    const lead = { id: 3, name: "The mill" };
    mailbox = [message(1, { lead }), message(2)];
    await mountTab();
    expect(queryAllTexts(".o_member_mail_lead")).toEqual(["The mill"]);
    expect(".o_member_mail_row:eq(1)").toHaveAttribute("aria-label", /belongs to The mill/);
    expect.verifySteps(["page 0"]);
});

test("the key V files a message, or the whole conversation", async () => {
    const asked = [];
    onRpc("action_file_under", ({ model, args }) => {
        asked.push([model, args[0]]);
        return { type: "ir.actions.act_window_close" };
    });
    await mountTab();
    await contains(".o_member_mail_row:eq(1)").click();
    await contains(".o_member_mail_row:eq(1)").press("v");
    await contains(".o_member_mail_message_head:eq(0)").press("v");
    expect(asked).toEqual([
        ["member.mail.conversation", [1]],
        ["member.mail.message", [1]],
    ]);
    expect.verifySteps(["page 0"]);
});
