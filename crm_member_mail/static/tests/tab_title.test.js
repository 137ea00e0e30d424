import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import { advanceTime, animationFrame } from "@odoo/hoot-mock";
import {
    contains,
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { tellPages } from "@crm_member_mail/messages_tab/live";

class Contact extends models.Model {
    _name = "contact";
    name = fields.Char();
    member_mail_count = fields.Integer();
    member_mail_unread_count = fields.Integer();
    _records = [
        { id: 1, name: "Ada", member_mail_count: 12, member_mail_unread_count: 3 },
        { id: 2, name: "Ben", member_mail_count: 5, member_mail_unread_count: 0 },
    ];
}

defineMailModels();
defineModels([Contact]);

const arch = `
    <form>
        <sheet>
            <div class="oe_button_box" name="button_box">
                <button class="oe_stat_button">
                    <field name="member_mail_count" widget="member_mail_count" string="Messages"/>
                </button>
            </div>
            <notebook>
                <page string="Notes" name="notes"><field name="name"/></page>
                <page string="Messages" name="member_mail_messages"><p class="here">Here</p></page>
            </notebook>
        </sheet>
    </form>`;

function open(resId, context = {}) {
    return mountView({ type: "form", resModel: "contact", resId, resIds: [1, 2], arch, context });
}

const TITLE = "a[name=member_mail_messages]";
const BADGE = ".o_member_mail_unread_count";

test("the tab's title and the button tell what is unread", async () => {
    await open(1);
    expect(TITLE).toHaveText("Messages (3)");
    expect(".oe_stat_button .o_stat_value").toHaveText(/12\s*3/);
    expect(`${BADGE}[aria-label="3 unread"]`).toHaveCount(1);
    await contains(".o_pager_next").click();
    expect(TITLE).toHaveText("Messages");
    expect(BADGE).toHaveCount(0);
});

test("they change when something is read", async () => {
    const view = await open(1);
    onRpc("contact", "read", () => [{ id: 1, member_mail_count: 13, member_mail_unread_count: 1 }]);
    tellPages(view.env);
    await advanceTime(500);
    await animationFrame();
    expect(TITLE).toHaveText("Messages (1)");
    expect(".oe_stat_button .o_stat_value").toHaveText(/13\s*1/);
});

test("notifications open the form at the tab", async () => {
    await open(1, { member_mail_at_messages: true });
    expect(".here").toHaveCount(1);
    await contains("a[name=notes]").click();
    expect(".here").toHaveCount(0);
});

test("otherwise it opens where it always does", async () => {
    await open(1);
    expect(".here").toHaveCount(0);
});
