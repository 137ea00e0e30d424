import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { beforeEach, expect, test } from "@odoo/hoot";
import { advanceTime, animationFrame, mockDate } from "@odoo/hoot-mock";
import { Component, useState, xml } from "@odoo/owl";
import {
    defineModels,
    fields,
    mockService,
    models,
    mountView,
    mountWithCleanup,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { PAUSE, useFreshMail } from "@crm_member_mail/messages_tab/fresh";

class Message extends models.Model {
    _name = "member.mail.message";

    subject = fields.Char();
    search_text = fields.Char();

    _records = [
        { id: 3, subject: "Rooms" },
        { id: 5, subject: "Invoice" },
    ];
}

defineMailModels();
defineModels([Message]);

/** Besides what a test advances it by, the clock goes on by itself: on a busy machine by seconds, in ms. */
const MARGIN = 20_000;

const state = {};

class Page extends Component {
    static template = xml`<p/>`;
    static props = ["*"];

    setup() {
        this.shown = useState({ ids: [7] });
        state.page = this;
        useFreshMail(
            () => ["res.partner", this.shown.ids],
            () => this.shown.ids[0]
        );
    }
}

class Parent extends Component {
    static template = xml`<Page t-if="state.isOpen"/>`;
    static components = { Page };
    static props = ["*"];

    setup() {
        this.state = useState({ isOpen: true });
    }
}

function show(visibility) {
    state.visibility = visibility;
    document.dispatchEvent(new Event("visibilitychange"));
}

async function wait(milliseconds) {
    await advanceTime(milliseconds);
    await animationFrame();
}

beforeEach(() => {
    mockDate("2026-03-01 12:00:00", 0);
    state.visibility = "visible";
    state.seconds = 60;
    patchWithCleanup(document, {
        get visibilityState() {
            return state.visibility;
        },
    });
    onRpc("member.mail.tab", "keep_fresh", ({ args: [model, ids] }) => {
        expect.step(`${model} ${ids}`);
        if (state.fails) {
            throw new Error("gone");
        }
        return state.seconds;
    });
});

test("a page asks when it opens, and again when the server says so", async () => {
    await mountWithCleanup(Page);
    expect.verifySteps(["res.partner 7"]);
    await wait(PAUSE - MARGIN);
    expect.verifySteps([]);
    state.seconds = 50;
    await wait(MARGIN);
    expect.verifySteps(["res.partner 7"]);
    await wait(50_000 - MARGIN);
    expect.verifySteps([]);
    await wait(MARGIN);
    expect.verifySteps(["res.partner 7"]);
});

test("nobody looks at a hidden page; it asks when it is shown again, if it is time", async () => {
    await mountWithCleanup(Page);
    expect.verifySteps(["res.partner 7"]);
    show("hidden");
    await wait(20000);
    show("visible");
    await animationFrame();
    expect.verifySteps([]);
    show("hidden");
    await wait(5 * PAUSE);
    expect.verifySteps([]);
    show("visible");
    await animationFrame();
    expect.verifySteps(["res.partner 7"]);
    show("visible");
    await animationFrame();
    expect.verifySteps([]);
    await wait(PAUSE);
    expect.verifySteps(["res.partner 7"]);
});

test("a page that opens in the background waits until it is shown", async () => {
    state.visibility = "hidden";
    await mountWithCleanup(Page);
    await wait(2 * PAUSE);
    expect.verifySteps([]);
    show("visible");
    await animationFrame();
    expect.verifySteps(["res.partner 7"]);
});

test("a page that is closed asks no more", async () => {
    const parent = await mountWithCleanup(Parent);
    expect.verifySteps(["res.partner 7"]);
    parent.state.isOpen = false;
    await animationFrame();
    await wait(2 * PAUSE);
    show("visible");
    await animationFrame();
    expect.verifySteps([]);
});

test("what else is shown is asked for at once", async () => {
    await mountWithCleanup(Page);
    expect.verifySteps(["res.partner 7"]);
    state.page.shown.ids = [8];
    await animationFrame();
    expect.verifySteps(["res.partner 8"]);
    await wait(PAUSE);
    expect.verifySteps(["res.partner 8"]);
});

test("a server that is out of reach is asked again a minute later, without a word", async () => {
    mockService("notification", { add: () => expect.step("notification") });
    state.fails = true;
    await mountWithCleanup(Page);
    expect.verifySteps(["res.partner 7"]);
    await wait(PAUSE - MARGIN);
    expect.verifySteps([]);
    state.fails = false;
    await wait(MARGIN);
    expect.verifySteps(["res.partner 7"]);
});

test("lists of messages ask for what they show", async () => {
    await mountView({
        type: "list",
        resModel: "member.mail.message",
        arch: `<list js_class="member_mail_message_list"><field name="subject"/></list>`,
    });
    expect.verifySteps(["member.mail.message 3,5"]);
});

test("cards of messages do so as well", async () => {
    await mountView({
        type: "kanban",
        resModel: "member.mail.message",
        arch: `
            <kanban js_class="member_mail_message_kanban">
                <templates><t t-name="card"><field name="subject"/></t></templates>
            </kanban>`,
    });
    expect.verifySteps(["member.mail.message 3,5"]);
});
