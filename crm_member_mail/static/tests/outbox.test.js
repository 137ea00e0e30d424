import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { beforeEach, expect, test } from "@odoo/hoot";
import { press } from "@odoo/hoot-dom";
import { advanceTime, animationFrame } from "@odoo/hoot-mock";
import {
    contains,
    getMockEnv,
    getService,
    mountWebClient,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { forget, keep, keptOf } from "@crm_member_mail/outbox/kept";
import { TAKEN } from "@crm_member_mail/outbox/outbox";
import { LOCAL_CHANGE } from "@crm_member_mail/messages_tab/live";

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

test("a key undoes, where nobody types", async () => {
    await send();
    await press("z");
    await animationFrame();
    expect.verifySteps(["undo 3,4"]);
    expect(".o_member_mail_sent").toHaveCount(0);
    await press("z");
    await wait(60000);
    expect.verifySteps([]);
});

test("what is undone is not sent", async () => {
    await send();
    // The parts of the page let go of it before it is gone, so that none asks for it.
    getMockEnv().bus.addEventListener(LOCAL_CHANGE, ({ detail }) =>
        expect.step(`${detail.action} ${detail.message_ids}`)
    );
    await contains(".o_member_mail_sent button:contains(Undo)").click();
    expect.verifySteps(["removed 3,4", "undo 3,4", "changed ", "changed "]);
    await wait(60000);
    expect.verifySteps([]);
});

test("what is sent later is left to the server", async () => {
    await send({ seconds: 0, scheduled: "2199-01-01 10:00:00" });
    expect(".o_notification").toHaveText(/2 emails will be sent on/);
    await wait(60000);
    expect.verifySteps([]);
});

test("what was not saved is offered at the next start", async () => {
    onRpc("member.mail.draft", "search_read", () => [
        { id: 7, revision: 2, subject: "Old" },
        { id: 8, revision: 3, subject: "Arrived" },
    ]);
    keep(7, { subject: "Season", body: "<p>In May.</p>", revision: 2 });
    keep(8, { subject: "Arrived", body: "", revision: 2, isClosing: true });
    keep(9, { subject: "Sent meanwhile", body: "", revision: 2 });
    await mountWebClient();
    await animationFrame();
    expect(".o_member_mail_kept").toHaveCount(1);
    expect(".o_member_mail_kept").toHaveText(/Not saved, but kept in this browser: Season/);
    expect(keptOf(7).body).toBe("<p>In May.</p>");
    expect(keptOf(8)).toBe(null);
    expect(keptOf(9)).toBe(null);
    forget(7);
});
