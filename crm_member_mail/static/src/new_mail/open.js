/** In the context of the form of a contact or lead: it opens at its Messages tab. */
export const AT_MESSAGES = "member_mail_at_messages";

/** Open a message, which marks it as read. */
export function openMessage(action, id) {
    return action.doAction({
        type: "ir.actions.act_window",
        res_model: "member.mail.message",
        res_id: id,
        views: [[false, "form"]],
    });
}

/** Open the Messages tab of a contact or lead. */
export function openMessagesTab(action, resModel, resId) {
    return action.doAction({
        type: "ir.actions.act_window",
        res_model: resModel,
        res_id: resId,
        views: [[false, "form"]],
        context: { [AT_MESSAGES]: true },
    });
}
