import {
    click,
    contains,
    defineMailModels,
    start,
    triggerEvents,
} from "@mail/../tests/mail_test_helpers";
import { beforeEach, describe, expect, test } from "@odoo/hoot";
import { press, queryFirst } from "@odoo/hoot-dom";
import { mockDate } from "@odoo/hoot-mock";
import {
    asyncStep,
    getService,
    MockServer,
    mockService,
    onRpc,
    serverState,
    waitForSteps,
} from "@web/../tests/web_test_helpers";
import { MAIL_NOTIFICATION, SEEN } from "@crm_member_mail/messages_tab/live";
import { NEW_MAIL } from "@crm_member_mail/new_mail/new_mail_service";

describe.current.tags("desktop");
defineMailModels();

const COUNTER = ".o-mail-MessagingMenu-counter";
const ITEM = ".o-mail-NotificationItem";
const MENU = ".o_menu_systray i[aria-label='Messages']";

const ADA = {
    key: "res.partner,7",
    res_model: "res.partner",
    res_id: 7,
    name: "Ada Member",
    sender: "Ada Member",
    subject: "Season",
    date: "2026-02-20 10:00:00",
    message_ids: [12, 11, 10],
};
const BEN = {
    ...ADA,
    key: "res.partner,8",
    res_id: 8,
    name: "Ben",
    sender: "Ben at Club",
    subject: "",
    message_ids: [9],
};
const STRANGER = {
    ...BEN,
    key: "Somebody",
    res_model: false,
    res_id: false,
    name: "Somebody",
    sender: "Somebody",
    subject: "Hello",
    message_ids: [8, 6],
};

/** What the server answers. */
let news;

function answer(entries, more = 0) {
    const listed = entries.reduce((sum, { message_ids }) => sum + message_ids.length, 0);
    news = { count: listed + more, more, entries };
}

beforeEach(() => {
    mockDate("2026-02-20 12:00:00");
    answer([ADA, BEN, STRANGER]);
    onRpc("member.mail.news", "get_news", () => news);
    onRpc(
        "member.mail.news",
        "get_place",
        ({ args: [id] }) => id === 9 && { res_model: "res.partner", res_id: 8, conversation_id: 4 }
    );
    onRpc("member.mail.message", "mark_seen", ({ args: [ids] }) => {
        asyncStep(`read ${ids}`);
        answer(news.entries.filter(({ message_ids }) => !message_ids.includes(ids[0])));
        return true;
    });
    mockService("action", {
        doAction(action, options) {
            const { res_model: model, res_id: id, context } = action;
            asyncStep(
                typeof action === "string"
                    ? `${action} ${JSON.stringify(options.additionalContext)}`
                    : `${model} ${id} ${JSON.stringify(context || {})}`
            );
        },
    });
});

/** A page of Odoo in which the menu is open. */
async function openMenu() {
    await start();
    getService("mail.store").memberMailNews = { ...news, entries: [] };
    await click(MENU);
}

function tell(type, payload) {
    const [partner] = MockServer.env["res.partner"].browse(serverState.partnerId);
    MockServer.env["bus.bus"]._sendone(partner, type, payload);
}

test("an entry for each contact, and a counter", async () => {
    await openMenu();
    await contains(COUNTER, { text: "6" });
    await contains(ITEM, { count: 3 });
    await contains(`${ITEM}:eq(0)`, { text: "Ada Member" });
    await contains(`${ITEM}:eq(0)`, { text: "3 new emails: Season" });
    await contains(`${ITEM}:eq(0) .o-mail-NotificationItem-counter`, { text: "3" });
    await contains(`${ITEM}:eq(1)`, { text: "Ben at Club: (no subject)" });
    await contains(`${ITEM}:eq(2)`, { text: "2 new emails: Hello" });
    expect(queryFirst(`${ITEM}:eq(0) img`).dataset.src).toMatch(/res.partner\/7/);
});

test("one email opens in its conversation, several open the Messages tab", async () => {
    await openMenu();
    await click(`${ITEM}:eq(0)`);
    await waitForSteps(['res.partner 7 {"member_mail_at_messages":true}']);
    await click(MENU);
    await click(`${ITEM}:eq(1)`);
    await waitForSteps(['res.partner 8 {"member_mail_at_messages":4}']);
    await click(MENU);
    await click(`${ITEM}:eq(2)`);
    await waitForSteps(["member.mail.message 8 {}"]);
});

test("the rest is listed", async () => {
    answer([ADA], 30);
    await openMenu();
    await contains(COUNTER, { text: "33" });
    await click(`${ITEM}:contains(30 more new emails)`);
    await waitForSteps(['crm_member_mail.action_message {"search_default_unread":1}']);
});

test("an entry is marked as read", async () => {
    await openMenu();
    await triggerEvents(`${ITEM}:eq(0)`, ["mouseenter"]);
    await click(`${ITEM}:eq(0) [title='Mark As Read']`);
    await waitForSteps(["read 12,11,10"]);
    await contains(ITEM, { count: 2 });
    await contains(COUNTER, { text: "3" });
});

test("by keyboard", async () => {
    await openMenu();
    await contains(ITEM, { count: 3 });
    await press("ArrowDown");
    await press("ArrowDown");
    await contains(`${ITEM}:eq(1).o-active`);
    await press("Enter");
    await waitForSteps(['res.partner 8 {"member_mail_at_messages":4}']);
});

test("it changes by itself", async () => {
    answer([]);
    await start();
    await contains(MENU);
    await contains(COUNTER, { count: 0 });
    answer([BEN]);
    tell(NEW_MAIL, { message_ids: [] });
    await contains(COUNTER, { text: "1" });
    answer([]);
    tell(SEEN, {});
    await contains(COUNTER, { count: 0 });
    answer([BEN, ADA]);
    tell(MAIL_NOTIFICATION, { action: "restored", message_ids: [9] });
    await contains(COUNTER, { text: "4" });
    answer([ADA]);
    tell(MAIL_NOTIFICATION, { action: "removed", message_ids: [9] });
    await contains(COUNTER, { text: "3" });
    answer([]);
    tell(MAIL_NOTIFICATION, { action: "changed", message_ids: [10], news: true });
    await contains(COUNTER, { count: 0 });
});

test("only among the notifications", async () => {
    await openMenu();
    await contains(ITEM, { count: 3 });
    await click("button", { text: "Chats" });
    await contains(ITEM, { count: 0 });
});
