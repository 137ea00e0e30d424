import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { beforeEach, expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { EventBus, markup, reactive } from "@odoo/owl";
import { contains, mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";
import { TemplateShortcuts } from "@crm_member_mail/composer/template_shortcuts";
import { INSERT, TEXT_CHANGES } from "@crm_member_mail/composer/templates";

defineMailModels();

const SIGNATURE = '<p><br></p><div class="o_member_mail_signature">-- <br>Desk</div>';
const BUTTONS = ".o_member_mail_shortcuts button";

/** What the server has. */
let templates;

beforeEach(() => {
    templates = [
        { id: 1, name: "Arrival" },
        { id: 2, name: "Boats" },
        { id: 3, name: "Closed" },
        { id: 4, name: "Deposit" },
        { name: "hours", text: "Nine to five" },
    ];
    onRpc("member.mail.draft", "get_templates", () => {
        expect.step("asked");
        return templates;
    });
    onRpc("member.mail.draft", "insert_template", ({ args }) => ({
        body: `<p>Text of ${args[1]}</p>`,
        signs: false,
        subject: false,
        attachment_ids: [],
        template_id: false,
    }));
});

/** The model of a draft with such a text, in whose composer the shortcuts are; it says what is inserted. */
async function mountShortcuts(body = SIGNATURE) {
    const model = { bus: new EventBus() };
    model.bus.addEventListener(INSERT, ({ detail }) => {
        expect.step(detail.html);
        model.bus.trigger(TEXT_CHANGES);
    });
    const record = reactive({
        resModel: "member.mail.draft",
        resId: 7,
        data: { res_model: "res.partner", body: markup(body) },
        model,
    });
    await mountWithCleanup(TemplateShortcuts, { props: { record } });
    await animationFrame();
    return record;
}

async function insert(name) {
    await contains(`${BUTTONS}:contains(${name})`).click();
    await animationFrame();
}

test("a few templates, those that were used last first, until one is inserted", async () => {
    await mountShortcuts();
    expect(queryAllTexts(BUTTONS)).toEqual(["Arrival", "Boats", "Closed"]);
    expect(".o_member_mail_shortcuts").toHaveAttribute("aria-label", "Templates");
    await insert("Closed");
    expect(".o_member_mail_shortcuts").toHaveCount(0);
    templates = templates.slice(1);
    await mountShortcuts();
    expect(queryAllTexts(BUTTONS)).toEqual(["Closed", "Boats", "Deposit"]);
    await insert("Boats");
    await mountShortcuts();
    expect(queryAllTexts(BUTTONS)).toEqual(["Boats", "Closed", "Deposit"]);
    expect.verifySteps(["asked", "<p>Text of 3</p>", "asked", "<p>Text of 2</p>", "asked"]);
});

test("canned responses count as well", async () => {
    templates = templates.slice(-1);
    await mountShortcuts();
    await insert("hours");
    templates = [{ id: 1, name: "Arrival" }, ...templates];
    await mountShortcuts();
    expect(queryAllTexts(BUTTONS)).toEqual(["hours", "Arrival"]);
    expect.verifySteps(["asked", "<p>Nine to five</p>", "asked"]);
});

test("they go when one begins to write, and are not there where something is written", async () => {
    const { model } = await mountShortcuts();
    model.bus.trigger(TEXT_CHANGES);
    await animationFrame();
    expect(".o_member_mail_shortcuts").toHaveCount(0);
    const record = await mountShortcuts(`<p>Dear Ada</p>${SIGNATURE}`);
    expect(".o_member_mail_shortcuts").toHaveCount(0);
    record.data.body = markup(SIGNATURE);
    await animationFrame();
    expect(BUTTONS).toHaveCount(3);
    templates = [];
    await mountShortcuts();
    expect(".o_member_mail_shortcuts").toHaveCount(1); // the ones before
    expect.verifySteps(["asked", "asked", "asked"]);
});
