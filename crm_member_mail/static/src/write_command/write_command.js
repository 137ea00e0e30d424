import { onWillStart, useEffect } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { user } from "@web/core/user";
import { patch } from "@web/core/utils/patch";
import { formatInteger } from "@web/views/fields/formatters";
import { KanbanController } from "@web/views/kanban/kanban_controller";
import { ListController } from "@web/views/list/list_controller";

const ACTIONS = {
    "res.partner": "crm_member_mail.action_write_email_partner",
    "crm.lead": "crm_member_mail.action_write_email_lead",
};

/** What the command is called for these records; nothing where there are none. */
function nameFor({ root, useSampleModel }) {
    const total = root.isGrouped ? root.recordCount : root.count;
    const selected = root.isDomainSelected ? total : root.selection.length;
    const count = selected || total;
    if (!count || useSampleModel) {
        return "";
    }
    if (count === 1) {
        return _t("Write email");
    }
    const number = formatInteger(count);
    return selected
        ? _t("Write email to the %s selected", number)
        : _t("Write email to all %s", root.hasLimitedCount ? `${number}+` : number);
}

/**
 * A command in Odoo's palette (Ctrl+K) that writes to the selected contacts or leads or, if none is, to all
 * that are searched for. The server says so if these are too many.
 */
function useWriteCommand({ env, model, props }) {
    const actionId = ACTIONS[props.resModel];
    if (!actionId || env.inDialog) {
        return;
    }
    const { action, command, orm } = env.services;
    let mayWrite = false;
    onWillStart(async () => {
        mayWrite = await user.hasGroup("crm_member_mail.group_user");
    });

    async function write() {
        const { context, domain, isDomainSelected, resModel, selection } = model.root;
        const ids =
            isDomainSelected || !selection.length
                ? await orm.search(resModel, domain, { context, limit: model.activeIdsLimit })
                : selection.map(({ resId }) => resId);
        return action.doAction(actionId, {
            additionalContext: { active_model: resModel, active_ids: ids, active_id: ids[0] },
        });
    }

    useEffect(
        // Not awaited: the palette closes before the composer opens, which then has the focus.
        (name) =>
            mayWrite && name
                ? command.add(name, () => void write(), { activeElement: document })
                : undefined,
        () => [String(nameFor(model))]
    );
}

for (const Controller of [KanbanController, ListController]) {
    patch(Controller.prototype, {
        setup() {
            super.setup(...arguments);
            useWriteCommand(this);
        },
    });
}
