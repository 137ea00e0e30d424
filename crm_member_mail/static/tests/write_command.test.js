import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { beforeEach, expect, test } from "@odoo/hoot";
import { press, queryAllTexts } from "@odoo/hoot-dom";
import { advanceTime, animationFrame } from "@odoo/hoot-mock";
import {
    contains,
    mockService,
    makeMockServer,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";

defineMailModels();

const ARCHES = {
    list: `<list limit="2"><field name="name"/></list>`,
    kanban: `<kanban limit="2"><templates><t t-name="card"><field name="name"/></t></templates></kanban>`,
};
const OURS = ".o_command:contains(Write email)";

let mayWrite;

beforeEach(() => {
    mayWrite = true;
    onRpc("has_group", ({ args }) => args[1] !== "crm_member_mail.group_user" || mayWrite);
    mockService("action", {
        async doAction(id, { additionalContext: { active_model, active_ids } }) {
            expect.step([id, active_model, active_ids.length].join(" "));
        },
    });
});

/** Contacts in a view, of which it shows two at once. */
async function mountContacts(type, options) {
    const names = ["Ada", "Bo", "Cy"];
    const { env } = await makeMockServer();
    const ids = env["res.partner"].create(names.map((name) => ({ name })));
    await mountView({
        type,
        resModel: "res.partner",
        arch: ARCHES[type],
        domain: [["id", "in", ids]],
        ...options,
    });
}

async function openPalette() {
    await press(["control", "k"]);
    await animationFrame();
    await advanceTime(500);
    await animationFrame();
}

async function closePalette() {
    await press("Escape");
    await animationFrame();
}

for (const [type, select] of [
    ["list", () => contains(".o_data_row:eq(1) .o_list_record_selector input").click()],
    ["kanban", () => contains(".o_kanban_record:eq(1)").click({ altKey: true })],
]) {
    test(`Ctrl+K writes to all that a ${type} has, or to the selected`, async () => {
        await mountContacts(type);
        await openPalette();
        expect(queryAllTexts(OURS)).toEqual(["Write email to all 3"]);
        await contains(OURS).click();
        await animationFrame();
        expect(".o_command_palette").toHaveCount(0);
        expect.verifySteps(["crm_member_mail.action_write_email_partner res.partner 3"]);
        await select();
        await openPalette();
        expect(queryAllTexts(OURS)).toEqual(["Write email"]);
        await contains(OURS).click();
        await animationFrame();
        expect.verifySteps(["crm_member_mail.action_write_email_partner res.partner 1"]);
    });
}

test("in groups, their contacts are counted", async () => {
    await mountContacts("list", { groupBy: ["name"] });
    await openPalette();
    expect(queryAllTexts(OURS)).toEqual(["Write email to all 3"]);
    await closePalette();
});

test("whoever may not write is not offered it", async () => {
    mayWrite = false;
    await mountContacts("list");
    await openPalette();
    expect(".o_command_palette").toHaveCount(1);
    expect(OURS).toHaveCount(0);
});
