import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { beforeEach, describe, expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { HomeBanner } from "@crm_member_mail/dashboard/home_banner";
import { isOff, whyItWaits } from "@crm_member_mail/home/home";
import { deliveryOf } from "@crm_member_mail/messages_tab/delivery";
import {
    contains,
    makeMockEnv,
    mountWithCleanup,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { browser } from "@web/core/browser/browser";
import { MainComponentsContainer } from "@web/core/main_components_container";
import { session } from "@web/session";

defineMailModels();

const OFF = { is_off: true, is_copy: false, can_answer: true, waiting: 0, place: "" };

describe("the banner", () => {
    beforeEach(() => {
        patchWithCleanup(browser.location, { reload: () => expect.step("reload") });
        onRpc("member.mail.home", "*", ({ method, args }) => {
            expect.step([method, ...args].join(" "));
            return true;
        });
    });

    async function show(home = {}) {
        await mountWithCleanup(MainComponentsContainer);
        await mountWithCleanup(HomeBanner, { props: { home: { ...OFF, ...home } } });
    }

    test("asks administrators; the original goes on", async () => {
        await show();
        expect(".o_member_mail_home").toHaveAttribute("role", "alert");
        await contains(".o_member_mail_original").click();
        expect(queryAllTexts(".modal-footer button")).toEqual(["Go on", "Cancel"]);
        await contains(".modal .o_member_mail_hold").click();
        expect.verifySteps(["declare_original 0 false", "reload"]);
    });

    test("says how many emails wait, and whether they are sent", async () => {
        await show({ waiting: 3 });
        await contains(".o_member_mail_original").click();
        expect(".modal-body").toHaveText(/waiting to be sent: 3/);
        await contains(".modal .o_member_mail_send").click();
        expect.verifySteps(["declare_original 3 true", "reload"]);
    });

    test("does nothing when it is cancelled", async () => {
        await show({ waiting: 3 });
        await contains(".o_member_mail_original").click();
        await contains(".modal-footer button:contains(Cancel)").click();
        await animationFrame();
        expect(".modal").toHaveCount(0);
        expect.verifySteps([]);
    });

    test("keeps a copy off", async () => {
        await show();
        await contains(".o_member_mail_copy").click();
        expect.verifySteps(["declare_copy", "reload"]);
    });

    test("is quiet in a copy, and there is a way back", async () => {
        await show({ is_copy: true, waiting: 2 });
        expect(".o_member_mail_home.alert").toHaveCount(0);
        expect(".o_member_mail_home").toHaveText(/switched off/);
        await contains(".o_member_mail_original").click();
        await contains(".modal .o_member_mail_hold").click();
        expect.verifySteps(["declare_original 2 false", "reload"]);
    });

    test("has no buttons for those who may not answer", async () => {
        await show({ can_answer: false });
        expect(".o_member_mail_home").toHaveText(/Until an administrator says/);
        expect(".o_member_mail_home button").toHaveCount(0);
    });

    test("names the file that is missing", async () => {
        await show({ place: "/data/homes/club" });
        expect(".o_member_mail_home").toHaveText(/\/data\/homes\/club/);
    });
});

describe("an email that waits", () => {
    const message = { state: "outgoing", scheduled_date: "2099-01-01 00:00:00" };

    test("says why", async () => {
        await makeMockEnv();
        patchWithCleanup(session, { member_mail_home: OFF });
        expect(isOff()).toBe(true);
        const { short, text } = deliveryOf(message);
        expect([String(short), String(text)]).toEqual(["Waiting", String(whyItWaits())]);
    });

    test("is scheduled where the accounts are in use", async () => {
        await makeMockEnv();
        patchWithCleanup(session, { member_mail_home: { ...OFF, is_off: false } });
        expect(String(deliveryOf(message).short)).toBe("Scheduled");
    });
});

describe("the question at log-in", () => {
    async function logIn(home) {
        patchWithCleanup(session, { member_mail_home: home });
        await makeMockEnv();
        await mountWithCleanup(MainComponentsContainer);
        await animationFrame();
    }

    test("is for administrators", async () => {
        await logIn(OFF);
        expect(".o_member_mail_home_question").toHaveText(/Is this the original\?/);
        expect(".o_member_mail_home_question button:contains(Answer)").toHaveCount(1);
    });

    test("gives way to the banner", async () => {
        await logIn(OFF);
        await mountWithCleanup(HomeBanner, { props: { home: OFF } });
        await animationFrame();
        expect(".o_member_mail_home_question").toHaveCount(0);
    });

    for (const [who, home] of [
        ["others", { ...OFF, can_answer: false }],
        ["a copy", { ...OFF, is_copy: true }],
        ["the original", { ...OFF, is_off: false }],
        ["who has no email", undefined],
    ]) {
        test(`is not for ${who}`, async () => {
            await logIn(home);
            expect(".o_member_mail_home_question").toHaveCount(0);
        });
    }
});
