import { expect, test } from "@odoo/hoot";
import { press, queryAllTexts, waitFor } from "@odoo/hoot-dom";
import { advanceTime, animationFrame } from "@odoo/hoot-mock";
import { contains, onRpc } from "@web/../tests/web_test_helpers";
import {
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

test("an email that was not sent says why, and what to do", async () => {
    const out = { direction: "out", conversation_id: 1, date: "2026-02-10 10:00:00" };
    tab.mailbox = [
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
    tab.drafts = [{ id: 5, subject: "Offer", to: "Ada", date: "2026-02-20 08:00:00", action: {} }];
    await mountTab();
    expect(".o_member_mail_draft").toHaveText(/Draft.*Offer, to Ada/s);
    await contains(".o_member_mail_draft [aria-label='Discard this draft']").click();
    expect(tab.discarded).toEqual([5]);
    await advanceTime(1000);
    await animationFrame();
    expect(".o_member_mail_draft").toHaveCount(0);
    expect.verifySteps(["page 0", "page 0"]);
});

test("write an email", async () => {
    await mountTab();
    await contains(".o_member_mail_write").click();
    expect(tab.opened).toEqual([["res.partner", [7]]]);
    expect.verifySteps(["page 0"]);
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

test("keys belong to an open menu, which a click leaves without the focus", async () => {
    await mountTab();
    await contains(".o_member_mail_row:eq(0)").click();
    called();
    await contains(".o_member_mail_more").click();
    expect(".o_member_mail_menu").toHaveCount(1);
    expect(".o_member_mail_more").toBeFocused();
    await press("Delete");
    await press("Escape");
    await animationFrame();
    expect(".o_member_mail_menu").toHaveCount(0);
    expect(".modal").toHaveCount(0);
    expect(bodies()).toEqual(["Text of 3"]);
    await press("Escape");
    await animationFrame();
    expect(".o_member_mail_thread").toHaveCount(0);
    expect.verifySteps(["page 0"]);
});

test("delete asks once, says what happens, and can be taken back", async () => {
    await mountTab();
    await contains(".o_member_mail_row:eq(0)").click();
    called();
    await contains(".o_member_mail_more").click();
    await contains(".o_member_mail_menu [data-action=delete]").click();
    expect(".modal-title").toHaveText("Delete this message?");
    expect(".modal-body").toHaveText(
        "They go from Odoo for everybody. You can undo it for 10 seconds afterwards."
    );
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

test("the key z takes a deletion back as long as that is offered", async () => {
    await mountTab();
    await contains(".o_member_mail_row:eq(0)").click();
    called();
    await press("Delete");
    await contains(".modal .btn-danger").click();
    await animationFrame();
    await press("z");
    await animationFrame();
    expect(called().slice(1)).toEqual([
        ["action_trash", [3]],
        ["action_restore", [3]],
    ]);
    expect(".o_notification").toHaveCount(0);
    await press("z");
    expect(called()).toEqual([]);
    expect.verifySteps(["page 0", "page 0", "page 0"]);
});

test("what is marked as unread is folded, and its line has the focus", async () => {
    await mountTab();
    await contains(".o_member_mail_row:eq(0)").click();
    await contains(".o_member_mail_more").click();
    await contains(".o_member_mail_menu [role=menuitem]:contains(Mark as unread)").click();
    await animationFrame();
    expect(".o_member_mail_thread").toHaveCount(0);
    expect(".o_member_mail_row:eq(0)").toBeFocused();
    expect.verifySteps(["page 0", "page 0"]);
});

test("Shift+U marks as unread, the message or the newest of the line; Shift+I all as read", async () => {
    tab.mailbox.push(message(4, { conversation_id: 1, direction: "out", sender: DESK }));
    await mountTab();
    const row = ".o_member_mail_row:contains(Subject 4)";
    await contains(row).focus();
    await press(["shift", "u"]);
    await animationFrame();
    expect(called()).toEqual([["mark_unseen", [1]]]); // what one sent oneself can't be
    expect(row).toBeFocused();
    tab.mailbox[0].is_unread = true;
    await press(["shift", "i"]);
    await animationFrame();
    expect(called()).toEqual([["mark_seen", [1]]]);
    await contains(row).click();
    await contains(".o_member_mail_message_head:eq(0)").focus();
    await press(["shift", "u"]);
    await animationFrame();
    expect(called()).toEqual([["mark_unseen", [1]]]);
    expect(row).toBeFocused();
    await press("u");
    await press("?");
    await animationFrame();
    expect(called()).toEqual([]);
    expect(".o_member_mail_keys").toHaveText(/Shift\+U\s*Mark as unread\s*Shift\+I\s*Mark as read/);
    expect.verifySteps(["page 0", "page 0", "page 0"]);
});

test("a notice that goes leaves the focus in the list", async () => {
    await mountTab();
    await contains(".o_member_mail_row:eq(1)").focus();
    await press("Delete");
    await contains(".modal .btn-danger").click();
    await animationFrame();
    await contains(".o_member_mail_deleted button:contains(Undo)").focus();
    await press("Enter");
    await animationFrame();
    await advanceTime(100);
    expect(".o_member_mail_deleted").toHaveCount(0);
    expect(".o_member_mail_row:focus").toHaveCount(1);
    await press("ArrowDown");
    expect(".o_member_mail_row:eq(1)").toBeFocused();
    expect.verifySteps(["page 0", "page 0", "page 0"]);
});

test("the menu of a message", async () => {
    await mountTab();
    await contains(".o_member_mail_row:eq(0)").click();
    await contains(".o_member_mail_more").click();
    expect(".o_member_mail_menu [data-action=unseen]").toHaveAttribute(
        "title",
        "Mark as unread (Shift+U)"
    );
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
        tab.mailbox[1].conversation_id = 2;
        return { conversation_id: 2, message_ids: [2], from_id: 1 };
    });
    await mountTab();
    await contains(".o_member_mail_row:eq(1)").click();
    await contains(".o_member_mail_more").click();
    await contains(".o_member_mail_menu [data-action=split_conversation]").click();
    await waitFor(".o_notification:contains(new conversation now)", PATIENTLY);
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
