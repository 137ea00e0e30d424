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
} from "@web/../tests/web_test_helpers";
import { NEW_MAIL } from "@crm_member_mail/new_mail/new_mail_service";

defineMailModels();

class Page extends Component {
    static template = xml`<div/>`;
    static props = ["*"];
}

/** A page of Odoo that is open, and a function that tells it of new mail. */
async function openPage() {
    mockService("action", { doAction: (action) => expect.step(action.res_id || action) });
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

const ADA = { count: 1, message_id: 5, sender: "Ada", subject: "Season", account: "Desk" };

test("one new email is named, and opened", async () => {
    const tell = await openPage();
    await tell(ADA);
    expect(".o_member_mail_new").toHaveCount(1);
    expect(".o_member_mail_new").toHaveText(/New email from Ada.*Season/s);
    await contains(".o_member_mail_new button:contains(Open)").click();
    expect.verifySteps([5]);
    expect(".o_member_mail_new").toHaveCount(0);
});

test("many are summed up", async () => {
    const tell = await openPage();
    await tell(ADA, { ...ADA, count: 7, account: "Office" });
    expect(".o_member_mail_new").toHaveCount(1);
    expect(".o_member_mail_new").toHaveText(/8 new emails/);
    await contains(".o_member_mail_new button:contains(Open)").click();
    expect.verifySteps(["crm_member_mail.action_message"]);
});
