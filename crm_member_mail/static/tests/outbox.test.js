import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { beforeEach, expect, test } from "@odoo/hoot";
import { advanceTime, animationFrame } from "@odoo/hoot-mock";
import { contains, getService, mountWebClient, onRpc } from "@web/../tests/web_test_helpers";
import { TAKEN } from "@crm_member_mail/composer/outbox";

const SENT = { message_ids: [3, 4], seconds: 10, scheduled: false, count: 2 };

defineMailModels();

beforeEach(() => {
    onRpc("member.mail.message", "*", ({ method, args }) => {
        expect.step(`${method} ${args[0]}`);
        return true;
    });
    onRpc("member.mail.draft", "undo_sending", ({ args }) => {
        expect.step(`undo ${args[0]}`);
        return { type: "ir.actions.act_window_close" };
    });
});

async function send(params) {
    await mountWebClient();
    getService("crm_member_mail.outbox").sent({ ...SENT, ...params });
    await animationFrame();
}

async function wait(milliseconds) {
    await advanceTime(milliseconds);
    await animationFrame();
}

test("a job sends it when it can no longer be undone; this page, if no job takes it", async () => {
    await send();
    expect(".o_member_mail_sent").toHaveText(/Sending 2 emails…/);
    // The clock goes on by itself as well, on a busy machine by seconds.
    await wait(5000);
    expect.verifySteps([]);
    await wait(5000);
    expect(".o_member_mail_sent").toHaveCount(0);
    expect.verifySteps(["action_send_now 3,4"]);
    await wait(TAKEN);
    expect.verifySteps(["action_send_here 3,4"]);
    await wait(60000);
    expect.verifySteps([]);
});

test("what is undone is not sent", async () => {
    await send();
    await contains(".o_member_mail_sent button:contains(Undo)").click();
    expect.verifySteps(["undo 3,4"]);
    await wait(60000);
    expect.verifySteps([]);
});

test("what is sent later is left to the server", async () => {
    await send({ seconds: 0, scheduled: "2199-01-01 10:00:00" });
    expect(".o_notification").toHaveText(/2 emails will be sent on/);
    await wait(60000);
    expect.verifySteps([]);
});
