import { onMounted, onWillStart, onWillUnmount, useState } from "@odoo/owl";
import { formatInteger } from "@web/views/fields/formatters";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { RadioField, radioField } from "@web/views/fields/radio/radio_field";

/** The choice of how far back to read, with the number of emails on the server for each option. */
export class HistoryField extends RadioField {
    setup() {
        super.setup();
        this.orm = useService("orm");
        this.estimate = useState({ counts: {} });
        onMounted(() => document.getElementById(`${this.id}_${this.value}`)?.focus());
        let isGone = false;
        onWillUnmount(() => (isGone = true));
        onWillStart(() => {
            // Not awaited: the server may be slow, and the choice doesn't depend on it.
            this.orm.silent
                .call(this.props.record.resModel, "setup_estimate", [[this.props.record.resId]])
                .then((counts) => !isGone && Object.assign(this.estimate.counts, counts))
                .catch(() => {});
        });
    }

    get items() {
        return super.items.map(([value, label]) => {
            const count = this.estimate.counts[value];
            if (count === undefined) {
                return [value, label];
            }
            if (!count) {
                return [value, _t("%s: no emails", label)];
            }
            if (count === 1) {
                return [value, _t("%s: one email", label)];
            }
            const number = formatInteger(count);
            return [value, _t("%(choice)s: about %(number)s emails", { choice: label, number })];
        });
    }
}

registry.category("fields").add("member_mail_history", {
    ...radioField,
    component: HistoryField,
    supportedTypes: ["selection"],
});
