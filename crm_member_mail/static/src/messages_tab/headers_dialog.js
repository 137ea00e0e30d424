import { Component, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";

/** The original headers of a message. */
export class HeadersDialog extends Component {
    static template = "crm_member_mail.HeadersDialog";
    static components = { Dialog };
    static props = { headers: String, title: String, close: Function };

    setup() {
        this.state = useState({ copied: false });
    }

    get title() {
        return _t("Original headers: %s", this.props.title || _t("(no subject)"));
    }

    async copy() {
        await browser.navigator.clipboard.writeText(this.props.headers);
        this.state.copied = true;
    }
}
