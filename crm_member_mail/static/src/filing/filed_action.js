import { registry } from "@web/core/registry";
import { tellPages } from "../messages_tab/live";
import { offerUndo, UNDO_SECONDS } from "../messages_tab/undoable";

/**
 * The action that filing by hand ends with: says what was done, offers Undo, and closes the dialog.
 *
 * Its params: `message`, a sentence; the `ids` of messages that were filed under, or taken off,
 * `partner_ids` and `lead_ids`; and `conversations`, pairs of a conversation and the lead that it
 * belonged to before.
 */
function filed(env, { params }) {
    const { message, ids = [], partner_ids, lead_ids } = params;
    const conversations = params.conversations || [];
    const { orm, notification } = env.services;
    async function undo() {
        if (ids.length) {
            await orm.call("member.mail.message", "action_undo_filing", [ids], {
                partner_ids,
                lead_ids,
            });
        }
        for (const [id, leadId] of conversations) {
            await orm.call("member.mail.conversation", "action_set_lead", [[id], leadId]);
        }
        tellPages(env, ids);
    }
    const notice = {
        type: "info",
        className: "o_member_mail_filed",
        autocloseDelay: UNDO_SECONDS * 1000,
    };
    if (ids.length || conversations.length) {
        offerUndo(env.services, message, { ...notice, undo });
    } else {
        notification.add(message, notice);
    }
    tellPages(env, ids);
    return { type: "ir.actions.act_window_close" };
}

registry.category("actions").add("member_mail_filed", filed);
