import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import { animationFrame } from "@odoo/hoot-mock";
import { Component, onWillUpdateProps, useState, xml } from "@odoo/owl";
import { mountWithCleanup, patchWithCleanup } from "@web/../tests/web_test_helpers";
import { Reply } from "@crm_member_mail/messages_tab/reply";

defineMailModels();

test("what one writes is not loaded again while the page around it changes", async () => {
    class View extends Component {
        static template = xml`<p class="view" t-esc="props.resId"/>`;
        static props = ["*"];
        setup() {
            // Here Odoo's form reads its record again, in place of what is typed.
            onWillUpdateProps(() => expect.step("loaded again"));
        }
    }
    patchWithCleanup(Reply, { components: { View } });
    class Page extends Component {
        static template = xml`
            <i class="count" t-esc="state.count"/><Reply id="7" title="'Reply'" onClosed="() => this.state.count++"/>`;
        static components = { Reply };
        static props = ["*"];
        setup() {
            this.state = useState({ count: 0 });
        }
    }
    const page = await mountWithCleanup(Page);
    expect(".view").toHaveText("7");
    page.state.count++;
    await animationFrame();
    expect(".count").toHaveText("1");
    expect.verifySteps([]);
});
