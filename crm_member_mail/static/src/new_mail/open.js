import { registry } from "@web/core/registry";

/**
 * In the context of the form of a contact or lead: it opens at its Messages tab. If it is the id of a
 * conversation, that is unfolded.
 */
export const AT_MESSAGES = "member_mail_at_messages";

/** Open a message, which marks it as read: in its conversation, or alone if it is nobody's. */
export async function openMessage({ action, orm }, id) {
    const place = await orm.call("member.mail.news", "get_place", [id]);
    return place
        ? openMessagesTab(action, place.res_model, place.res_id, place.conversation_id)
        : openForm(action, "member.mail.message", id);
}

/** Open the Messages tab of a contact or lead. */
export function openMessagesTab(action, resModel, resId, conversationId) {
    return openForm(action, resModel, resId, { [AT_MESSAGES]: conversationId || true });
}

function openForm(action, resModel, resId, context = {}) {
    return action.doAction({
        type: "ir.actions.act_window",
        res_model: resModel,
        res_id: resId,
        views: [[false, "form"]],
        context,
    });
}

// What links in emails lead to (`active_id`), and pushes (`resId`).
registry
    .category("actions")
    .add("member_mail_open", ({ services }, { context }, { props }) =>
        openMessage(services, props?.resId || context.active_id)
    );
