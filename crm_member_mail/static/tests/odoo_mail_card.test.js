import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { beforeEach, expect, test } from "@odoo/hoot";
import { press, queryAllTexts, queryOne } from "@odoo/hoot-dom";
import { animationFrame, mockDate } from "@odoo/hoot-mock";
import { Component, xml } from "@odoo/owl";
import {
    contains,
    mockService,
    mountWithCleanup,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { MessagesTab } from "@crm_member_mail/messages_tab/messages_tab";
import { OdooMailBody, OdooMailCard } from "@crm_member_mail/messages_tab/odoo_mail_card";

defineMailModels();

const ADA = { role: "to", name: "Ada", email: "ada@member.example", partner_id: 7 };
const BO = { role: "from", name: "Bo", email: "bo@club.example", partner_id: 3 };
const ORDER = { model: "crm.lead", id: 12, type: "Lead", name: "Ten desks" };

const OFFER = {
    kind: "odoo",
    key: "o5",
    odoo_id: 5,
    subject: "Our offer",
    date: "2026-02-19 10:00:00",
    direction: "out",
    preview: "Here it is",
    author: BO,
    who: ADA,
    document: ORDER,
    has_attachments: true,
    failure: "",
    is_waiting: false,
};
const MESSAGE = {
    id: 5,
    conversation_id: 1,
    key: "c1",
    count: 1,
    unread: 0,
    found: [],
    subject: "Rooms",
    date: "2026-02-18 10:00:00",
    direction: "in",
    state: "received",
    failure_reason: "",
    scheduled_date: "",
    preview: "Hello",
    correspondent: "Ada",
    sender: { ...ADA, role: "from" },
    who: { ...ADA, role: "from" },
    has_attachments: false,
    is_automatic: false,
    is_news: true,
    is_unread: false,
    authenticity: "",
    accounts: [],
};

let cards;

beforeEach(() => {
    mockDate("2026-02-20 12:00:00");
    cards = [OFFER, MESSAGE];
    // What shows a text asks for it by itself, and has tests of its own.
    class Body extends Component {
        static template = xml`<p class="body">Text of <t t-esc="props.messageId"/></p>`;
        static props = ["*"];
    }
    patchWithCleanup(OdooMailCard, {
        components: { ...OdooMailCard.components, OdooMailBody: Body },
    });
    onRpc("member.mail.draft", "get_drafts", () => []);
    onRpc("member.mail.tab", "get_page", () => ({
        cards,
        total: cards.length,
        messages: cards.filter(({ kind }) => kind !== "odoo").length,
        odoo: cards.filter(({ kind }) => kind === "odoo").length,
        unread: 0,
        watch: { "res.partner": [7] },
    }));
    onRpc("member.mail.tab", "get_odoo_mail", ({ args }) => {
        expect.step(`opened ${args[0]}`);
        return {
            author: BO,
            recipients: [ADA],
            attachments: [
                { id: 9, name: "offer.pdf", mimetype: "application/pdf", size: 10, inline: false },
            ],
        };
    });
    // What other messages have is done to none of Odoo's.
    onRpc("member.mail.message", "*", ({ method }) => expect.step(method));
    onRpc("has_group", () => true);
    onRpc("crm.lead", "has_access", () => true);
});

async function mountTab() {
    await mountWithCleanup(MessagesTab, { props: { resModel: "res.partner", resId: 7 } });
}

test("among the conversations, with where it belongs", async () => {
    await mountTab();
    expect(queryAllTexts(".o_member_mail_subject")).toEqual(["Our offer", "Rooms"]);
    expect(".o_member_mail_summary").toHaveText("1 message, 1 from Odoo");
    expect(".o_member_mail_odoo").toHaveCount(1);
    expect(".o_member_mail_odoo [aria-label=Sent]").toHaveCount(1);
    expect(".o_member_mail_odoo [aria-label='With attachment']").toHaveCount(1);
    expect(".o_member_mail_odoo .o_member_mail_who").toHaveText("Ada");
    expect(".o_member_mail_odoo .o_member_mail_date").toHaveText("yesterday");
    expect(".o_member_mail_origin").toHaveText("Sent by Odoo: Lead Ten desks · Bo");
    expect(".o_member_mail_document").toHaveAttribute("href", "/odoo/crm.lead/12");
    expect(".o_member_mail_odoo .o_member_mail_row").toHaveAttribute(
        "aria-label",
        /^Sent by Odoo to Ada, Our offer, .*2026.*, with attachment$/
    );
});

test("the link opens the document as Odoo does", async () => {
    onRpc("crm.lead", "get_formview_action", ({ args }) => ({ tag: `form of ${args[0]}` }));
    mockService("action", { doAction: (action) => expect.step(action.tag) });
    await mountTab();
    await contains(".o_member_mail_document").click();
    expect.verifySteps(["form of 12"]);
    expect(".o_member_mail_thread").toHaveCount(0, { message: "and does not unfold the card" });
});

test("it unfolds to its text, people and files", async () => {
    await mountTab();
    await contains(".o_member_mail_odoo .o_member_mail_row").click();
    expect.verifySteps(["opened 5"]);
    expect(".o_member_mail_odoo .o_member_mail_row").toHaveAttribute("aria-expanded", "true");
    expect(".body").toHaveText("Text of 5");
    expect(".o_member_mail_message_content p:first").toHaveText(
        "From Bo <bo@club.example> to Ada <ada@member.example>"
    );
    expect(".o_member_mail_chip").toHaveText(/offer.pdf/);
    await contains(".o_member_mail_odoo .o_member_mail_row").click();
    expect(".body").toHaveCount(0);
});

test("its text comes from Odoo's message, with remote images only on demand", async () => {
    // Hoot looks into each frame of a test, which the sandbox of ours does not let it.
    patchWithCleanup(customElements.get("hoot-fixture").prototype, { _lookForIframes() {} });
    onRpc("member.mail.tab", "get_odoo_mail_html", ({ args, kwargs }) => {
        expect.step(`text ${args[0]} ${kwargs.show_images}`);
        return `<!DOCTYPE html><html data-blocked-images="1" data-images="${
            kwargs.show_images ? 1 : 0
        }"><body>Ten desks</body></html>`;
    });
    await mountWithCleanup(OdooMailBody, { props: { messageId: 5 } });
    expect.verifySteps(["text 5 false"]);
    const frame = queryOne(".o_member_mail_frame");
    expect(frame).toHaveAttribute("sandbox", "allow-popups allow-popups-to-escape-sandbox");
    expect(frame).toHaveAttribute("srcdoc", /Ten desks/);
    expect(".o_member_mail_trust").toHaveCount(0);
    await contains(".o_member_mail_show_images").click();
    expect.verifySteps(["text 5 true", "text 5 null"]);
});

test("keys: it opens and closes, and is neither answered nor deleted", async () => {
    await mountTab();
    await contains(".o_member_mail_search input").focus();
    await press("ArrowDown");
    expect(".o_member_mail_odoo .o_member_mail_row").toBeFocused();
    await press("Enter");
    await animationFrame();
    await animationFrame();
    expect(".body").toHaveCount(1);
    await press("r");
    await press("Delete");
    await animationFrame();
    expect(".modal").toHaveCount(0);
    await press("Escape");
    await animationFrame();
    expect(".body").toHaveCount(0);
    expect(".o_member_mail_odoo .o_member_mail_row").toBeFocused();
    await press("ArrowDown");
    expect(".o_member_mail_conversation:last .o_member_mail_row").toBeFocused();
    expect.verifySteps(["opened 5"]);
});

test("what did not arrive says so", async () => {
    cards = [{ ...OFFER, failure: "550 no such user", failure_reason: "Ask them." }];
    await mountTab();
    expect(".o_member_mail_failed").toHaveText("Not delivered");
    expect(".o_member_mail_failed").toHaveAttribute("title", "Not delivered");
    expect(".o_member_mail_summary").toHaveText("1 from Odoo");
    await contains(".o_member_mail_row").click();
    expect(".alert-danger").toHaveText(/^Not delivered\. Ask them\./);
    expect(".alert-danger").not.toHaveText(/550/);
    await contains(".alert-danger summary").click();
    expect(".alert-danger").toHaveText(/550 no such user/);
    expect.verifySteps(["opened 5"]);
});

test("what came in, waits, or has no document to show", async () => {
    cards = [
        { ...OFFER, direction: "in", who: BO, document: false, key: "o6", odoo_id: 6 },
        { ...OFFER, is_waiting: true, document: false },
    ];
    await mountTab();
    expect(queryAllTexts(".o_member_mail_origin")).toEqual([
        "Received by Odoo",
        "Sent by Odoo · Bo",
    ]);
    expect(".o_member_mail_odoo:first [aria-label=Received]").toHaveCount(1);
    expect(".o_member_mail_odoo:last .o_member_mail_tag").toHaveText("Waiting");
});
