import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import { Deferred, queryAllTexts } from "@odoo/hoot-dom";
import { advanceTime, animationFrame } from "@odoo/hoot-mock";
import { Component, useState, xml } from "@odoo/owl";
import { contains, mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";
import { registry } from "@web/core/registry";
import { Delivery } from "@crm_member_mail/messages_tab/delivery";
import { tellPages } from "@crm_member_mail/messages_tab/live";

defineMailModels();

test("the server's words are folded, and the sentence is not", async () => {
    const message = {
        id: 1,
        state: "failed",
        failure_reason: "The mail server refused the email.",
        failure_details: "421 4.7.0 Busy (try later)",
    };
    await mountWithCleanup(Delivery, { props: { message } });
    expect(".o_member_mail_delivery_text").toHaveText(
        "Not sent. The mail server refused the email."
    );
    expect(".o_member_mail_delivery li").toHaveCount(0);
    await contains(".o_member_mail_delivery summary").click();
    expect(".o_member_mail_server_words div").toHaveText("421 4.7.0 Busy (try later)");
});

test("what was stored with the server's words in the sentence is shown without them", async () => {
    const message = {
        id: 1,
        state: "failed",
        failure_reason: "Full. (552 F)",
        failure_details: "",
    };
    await mountWithCleanup(Delivery, { props: { message } });
    expect(".o_member_mail_delivery_text").toHaveText("Not sent. Full.");
    await contains(".o_member_mail_delivery summary").click();
    expect(".o_member_mail_server_words div").toHaveText("552 F");
});

test("each recipient who was not reached is named, with the server's words folded", async () => {
    const people = [
        {
            role: "to",
            name: "Ada",
            email: "ada@a.example",
            failure: "550 No such user",
            failure_reason: "Some were refused.",
        },
        {
            role: "to",
            name: "Bo",
            email: "bo@b.example",
            failure: "552 Quota",
            failure_reason: "It is full.",
        },
        { role: "to", name: "", email: "cy@c.example", failure: "" },
    ];
    const message = {
        id: 1,
        state: "failed",
        failure_reason: "Some were refused.",
        failure_details: "ada@a.example: 550 No such user",
    };
    await mountWithCleanup(Delivery, { props: { message, people } });
    expect(queryAllTexts(".o_member_mail_delivery li")).toEqual(["Ada", "Bo: It is full."]);
    await contains(".o_member_mail_delivery summary").click();
    expect(".o_member_mail_server_words div").toHaveText(
        "ada@a.example: 550 No such user\nbo@b.example: 552 Quota"
    );
});

test("who read it, and when, as the receipts say", async () => {
    const people = [
        { role: "to", name: "Ada", email: "ada@a.example", read_on: "2026-03-02 09:00:00" },
        { role: "cc", name: "", email: "cy@c.example", read_on: "2026-03-03 09:00:00" },
        { role: "cc", name: "Bo", email: "bo@b.example", read_on: "" },
    ];
    const message = { id: 1, state: "sent", failure_reason: "", failure_details: "" };
    await mountWithCleanup(Delivery, { props: { message, people } });
    expect(".o_member_mail_delivery").toHaveCount(0);
    const [ada, cy, ...others] = queryAllTexts(".o_member_mail_receipts li");
    expect(ada).toMatch(/^Read by Ada on \S.*\d/);
    expect(cy).toMatch(/^Read by cy@c\.example on \S.*\d/);
    expect(others).toEqual([]);
});

describe("the form of a message that has changed", () => {
    class Form extends Component {
        static template = xml`<t t-if="state.isOpen" t-component="widget" record="record"/>`;
        static props = {};

        setup() {
            this.widget = registry.category("view_widgets").get("member_mail_delivery").component;
            this.state = useState({ isOpen: true });
            this.record = {
                resId: 1,
                data: { state: "received", participant_ids: { records: [] } },
                load: () => expect.step("load"),
            };
        }
    }

    async function openAndAsk() {
        const found = new Deferred();
        onRpc("member.mail.message", "search", () => {
            expect.step("asked");
            return found;
        });
        const form = await mountWithCleanup(Form);
        tellPages(form.env, [1]);
        await advanceTime(1000);
        expect.verifySteps(["asked"]);
        return { form, found };
    }

    test("is loaded again", async () => {
        const { found } = await openAndAsk();
        found.resolve([1]);
        await animationFrame();
        expect.verifySteps(["load"]);
    });

    test("is not, once it was left", async () => {
        const { form, found } = await openAndAsk();
        form.state.isOpen = false;
        await animationFrame();
        found.resolve([1]);
        await animationFrame();
        expect.verifySteps([]);
    });
});
