import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { startBusService, waitForChannels } from "@bus/../tests/bus_test_helpers";
import { expect, test } from "@odoo/hoot";
import { Deferred } from "@odoo/hoot-dom";
import { advanceTime, animationFrame } from "@odoo/hoot-mock";
import { Component, xml } from "@odoo/owl";
import {
    contains,
    getService,
    MockServer,
    mockService,
    mountWithCleanup,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { NEW_MAIL } from "@crm_member_mail/new_mail/new_mail_service";

defineMailModels();

class Page extends Component {
    static template = xml`<div/>`;
    static props = ["*"];
}

/** A page of Odoo that is open, and a function that tells it of new mail. */
async function openPage() {
    onRpc("member.mail.news", "get_news", () => ({ count: 0, more: 0, entries: [] }));
    mockService("action", {
        doAction: (action) =>
            expect.step(
                action.res_id
                    ? `${action.res_model} ${action.res_id} ${JSON.stringify(action.context)}`
                    : action
            ),
    });
    await mountWithCleanup(Page);
    startBusService();
    getService("bus_service").addChannel("me");
    await waitForChannels(["me"]);
    return async (...payloads) => {
        const arrived = new Deferred();
        let left = payloads.length;
        getService("bus_service").subscribe(NEW_MAIL, () => --left || arrived.resolve());
        for (const payload of payloads) {
            MockServer.env["bus.bus"]._sendone("me", NEW_MAIL, payload);
        }
        await arrived;
        await advanceTime(2000);
        await animationFrame();
    };
}

const ADA = { count: 1, message_id: 5, sender: "Ada", subject: "Season" };

/** What the server says of the messages of these ids. */
function answer(ids, news) {
    onRpc("member.mail.news", "get_alert", ({ args }) => {
        expect(args).toEqual([ids]);
        return news;
    });
}

/** The server says where a message is read. */
function place(id, found) {
    onRpc("member.mail.news", "get_place", ({ args }) => {
        expect(args).toEqual([id]);
        return found;
    });
}

test("one new email is named, and opened in its conversation", async () => {
    answer([5], ADA);
    place(5, { res_model: "res.partner", res_id: 7, conversation_id: 3 });
    const tell = await openPage();
    await tell({ message_ids: [5] });
    expect(".o_member_mail_new").toHaveCount(1);
    expect(".o_member_mail_new").toHaveText(/New email from Ada.*Season/s);
    await contains(".o_member_mail_new button:contains(Open)").click();
    await animationFrame();
    expect.verifySteps(['res.partner 7 {"member_mail_at_messages":3}']);
    expect(".o_member_mail_new").toHaveCount(0);
});

test("an email of nobody opens alone", async () => {
    answer([5], ADA);
    place(5, false);
    const tell = await openPage();
    await tell({ message_ids: [5] });
    await contains(".o_member_mail_new button:contains(Open)").click();
    await animationFrame();
    expect.verifySteps(["member.mail.message 5 {}"]);
});

test("many are summed up", async () => {
    answer([5, 6, 7], { ...ADA, count: 3, sender: "Ben" });
    const tell = await openPage();
    await tell({ message_ids: [5] }, { message_ids: [6, 7] });
    expect(".o_member_mail_new").toHaveCount(1);
    expect(".o_member_mail_new").toHaveText(/3 new emails.*Ben: Season/s);
    await contains(".o_member_mail_new button:contains(Open)").click();
    expect.verifySteps(["crm_member_mail.action_message"]);
});

test("what is read or deleted when the page hears of it does not pop up", async () => {
    answer([5], { count: 0 });
    const tell = await openPage();
    await tell({ message_ids: [5] });
    expect(".o_member_mail_new").toHaveCount(0);
});

test("nothing pops up in quiet hours", async () => {
    const tell = await openPage();
    await tell({ message_ids: [] });
    expect(".o_member_mail_new").toHaveCount(0);
});
