import { startBusService, waitForChannels } from "@bus/../tests/bus_test_helpers";
import { expect, test } from "@odoo/hoot";
import { Deferred, queryAll, queryAllTexts, queryFirst, waitUntil } from "@odoo/hoot-dom";
import { advanceTime, animationFrame } from "@odoo/hoot-mock";
import { contains, getService, MockServer, onRpc } from "@web/../tests/web_test_helpers";
import { browser } from "@web/core/browser/browser";
import { MAIL_NOTIFICATION } from "@crm_member_mail/messages_tab/live";
import { TabModel } from "@crm_member_mail/messages_tab/tab_model";
import {
    ADA,
    DESK,
    tab,
    message,
    called,
    mountTab,
    subjects,
    bodies,
    beginWithMailbox,
} from "./messages_tab_mock";
import { PATIENTLY } from "./patience";

beginWithMailbox();

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

test("of very many messages only the newest are counted, and large numbers have commas", async () => {
    tab.counted = { messages: 10000, total: 3334, is_capped: true, unread: 1000 };
    await mountTab();
    expect(".o_member_mail_summary").toHaveText("10,000+ messages in 3,334+ conversations");
    expect(".o_member_mail_all_read").toHaveText("Mark all read (999+)");
    await expect.waitForSteps(["page 0", "page 2"], PATIENTLY); // there seem to be more, and the end is in sight
});

test("dates are relative, and absolute for the mouse", async () => {
    tab.mailbox = [
        message(1, { date: "2026-02-20 08:30:00" }),
        message(2, { date: "2026-02-18 08:30:00" }),
        message(3, { date: "2025-12-24 08:30:00" }),
    ];
    await mountTab();
    expect(queryAllTexts(".o_member_mail_date")).toEqual(["Dec 24, 2025", "2 days ago", "9:30 AM"]);
    expect(".o_member_mail_date:eq(1)").toHaveAttribute("title", /February 18, 2026/);
    expect.verifySteps(["page 0"]);
});

test("a screen reader hears date and time in words, without the time zone", async () => {
    await mountTab();
    expect(".o_member_mail_row:eq(0)").toHaveAttribute(
        "aria-label",
        /Invoice, Wednesday, February 4, 2026 at 11:00.AM, 1 unread/
    );
    await contains(".o_member_mail_row:eq(0)").click();
    expect(".o_member_mail_message_card").toHaveAttribute(
        "aria-label",
        /^Received from Ada, Wednesday, February 4, 2026 at 11:00.AM$/
    );
    expect.verifySteps(["page 0"]);
});

test("unfolded, all of the subject, date and time are there without a mouse", async () => {
    const subject = "Long ".repeat(80).trim();
    tab.mailbox = [
        message(1, { subject }),
        message(2, { subject, conversation_id: 1, date: "2026-02-19 08:30:00" }),
    ];
    await mountTab();
    const line = () => queryFirst(".o_member_mail_row .o_member_mail_subject");
    expect(line().scrollWidth).toBeGreaterThan(line().clientWidth);
    await contains(".o_member_mail_row").click();
    expect(line().scrollWidth).toBe(line().clientWidth);
    expect(".o_member_mail_row .o_member_mail_preview").not.toBeVisible();
    expect(queryAllTexts(".o_member_mail_message_head .o_member_mail_date")).toEqual([
        "Feb 2",
        "Thu, Feb 19, 2026, 9:30 AM",
    ]);
    expect.verifySteps(["page 0"]);
});

test("nothing is asked for one after the other that can be asked for at once", async () => {
    const waits = { get_page: new Deferred(), get_thread: new Deferred() };
    const asked = [];
    const ofMessages = ["get_messages", "get_viewer_html"];
    for (const method of ["get_page", "get_thread", "get_drafts", ...ofMessages]) {
        onRpc(method, async ({ args }) => {
            asked.push(ofMessages.includes(method) ? `${method} ${args[0]}` : method);
            await waits[method];
        });
    }
    const mounted = mountTab();
    await waitUntil(() => asked.length === 2, PATIENTLY);
    expect(asked).toEqual(["get_page", "get_drafts"]);
    waits.get_page.resolve();
    await mounted;
    await contains(".o_member_mail_row:eq(1)").click();
    await waitUntil(() => asked.length === 5, PATIENTLY);
    expect(asked.slice(2)).toEqual(["get_messages 2", "get_viewer_html 2", "get_thread"]);
    waits.get_thread.resolve();
    await waitUntil(() => queryFirst(".body"), PATIENTLY);
    expect(bodies()).toEqual(["Text of 2"]);
    expect(asked.length).toBe(5);
    expect.verifySteps(["page 0"]);
});

test("numbers have separators", async () => {
    tab.mailbox = Array.from({ length: 1200 }, (_, number) =>
        message(number + 1, { conversation_id: 1 })
    );
    await mountTab();
    expect(".o_member_mail_count").toHaveText("1,200");
    expect(".o_member_mail_count").toHaveAttribute("title", "1,200 messages");
    await contains(".o_member_mail_row").click();
    expect(".o_member_mail_earlier").toHaveText("1,198 earlier messages");
    expect.verifySteps(["page 0"]);
});

test("names in other scripts keep their order", async () => {
    tab.people = [ADA, { ...DESK, name: "דוד" }, { ...DESK, name: "Zoe" }];
    await mountTab();
    await contains(".o_member_mail_row:eq(0)").click();
    expect(".o_member_mail_message_people > div:eq(1)").toHaveText("to \u2068דוד\u2069, Zoe");
    expect.verifySteps(["page 0"]);
});

test("a forged sender is marked in the list and in the message", async () => {
    tab.mailbox = [message(1, { authenticity: "failed" })];
    await mountTab();
    expect(".o_member_mail_failed").toHaveText("Forged?");
    await contains(".o_member_mail_row").click();
    expect(".alert-danger").toHaveText(/Forged\?.*ada@member.example/);
    expect.verifySteps(["page 0"]);
});

test("a signed or encrypted message says so", async () => {
    tab.mailbox = [
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
    tab.mailbox = Array.from({ length: 9 }, (_, number) =>
        message(number + 1, { conversation_id: 1 })
    );
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
    tab.mailbox = [message(3, { subject: "Visit", invitation })];
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

test("of very many unread ones, not all are counted", async () => {
    const values = { is_unread: true, conversation_id: 1 };
    tab.mailbox = Array.from({ length: 1000 }, (_, number) => message(number + 1, values));
    await mountTab();
    expect(".o_member_mail_all_read").toHaveText("Mark all read (999+)");
    tab.mailbox.length = 999;
    await contains(".o_member_mail_only").select("unread");
    expect(".o_member_mail_all_read").toHaveText("Mark all read (999)");
    expect.verifySteps(["page 0", "page 0 unread"]);
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
    await advanceTime(300);
    await animationFrame();
    // Once, not for each letter.
    expect.verifySteps(["page 0", "page 0 Roo"]);
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

test("pages come as one scrolls", async () => {
    tab.mailbox = Array.from({ length: 70 }, (_, number) => message(number + 1));
    await mountTab();
    // The browser tells in its own time that the end is in sight.
    await waitUntil(() => {
        queryFirst(".o_member_mail_end")?.scrollIntoView();
        return queryAll(".o_member_mail_row").length === 70;
    }, PATIENTLY);
    expect(".o_member_mail_row").toHaveCount(70);
    expect(".o_member_mail_end").toHaveCount(0);
    expect.verifySteps(["page 0", "page 30", "page 60"]);
});

test("copies of one email are one row, and each can be read", async () => {
    const copies = [
        { id: 3, subject: "Invoice", accounts: ["Front desk"] },
        { id: 4, subject: "[EXT] Invoice", accounts: ["Sales"] },
    ];
    tab.mailbox = [message(3, { subject: "Invoice", copies })];
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

test("new mail appears by itself, and what is open stays open", async () => {
    await mountTab();
    await contains(".o_member_mail_row:eq(1)").click();
    tab.mailbox.push(message(4, { subject: "Re: Rooms again", conversation_id: 1 }));
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
    tab.mailbox = [];
    await mountTab();
    expect(".o_member_mail_nothing").toHaveText(/No email exchanged yet/);
    expect(".o_member_mail_row").toHaveCount(0);
    expect.verifySteps(["page 0"]);
});

test("nothing that one may see here", async () => {
    tab.mailbox = [];
    tab.elsewhere = ["There are messages in Other Ltd."];
    await mountTab();
    const empty = ".o_member_mail_nothing";
    expect(empty).toHaveText(/No email that you can see here/);
    expect(empty).toHaveText(/There are messages in Other Ltd\./);
    expect(empty).not.toHaveText(/No email exchanged yet/);
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

test("what one answers stays where it is while others come", () => {
    const cards = (...keys) => keys.map((key) => ({ key }));
    const inPlace = (...keys) => model.inPlace(cards(...keys)).map(({ key }) => key);
    const model = new TabModel({}, "res.partner", 7);
    model.cards = cards("a", "b", "c", "d");
    expect(inPlace("c", "a", "b", "d")).toEqual(["c", "a", "b", "d"]);
    model.threads = { b: {}, c: { reply: { id: 1 } } };
    expect(inPlace("c", "a", "b", "d")).toEqual(["a", "b", "c", "d"]);
    expect(inPlace("c", "new", "b", "a", "d")).toEqual(["new", "b", "c", "a", "d"]);
    expect(inPlace("c", "new", "d")).toEqual(["c", "new", "d"]);
    expect(inPlace("a", "b")).toEqual(["a", "b"]);
});

test("a conversation says which opportunity it belongs to", async () => {
    const lead = { id: 3, name: "The mill" };
    tab.mailbox = [message(1, { lead }), message(2)];
    await mountTab();
    expect(queryAllTexts(".o_member_mail_lead")).toEqual(["The mill"]);
    expect(".o_member_mail_row:eq(1)").toHaveAttribute("aria-label", /belongs to The mill/);
    expect.verifySteps(["page 0"]);
});
