import { _t } from "@web/core/l10n/translation";
import { ConversationDialog } from "./conversation_dialog";
import { messageActions } from "./message_actions";
import { idsOfCopies } from "./tab_model";
import { offerUndo, UNDO_SECONDS } from "./undoable";

/** Show what became of the conversations, and offer to undo it. */
async function show({ card, model, services }, done, text) {
    // The form of a message stays as it is.
    const refresh = () => card && model.refresh();
    await refresh();
    offerUndo(services, text, {
        type: "success",
        className: "o_member_mail_filed",
        autocloseDelay: UNDO_SECONDS * 1000,
        async undo() {
            await services.orm.call("member.mail.message", "action_join_conversation", [
                done.message_ids,
                done.from_id,
            ]);
            await refresh();
        },
    });
}

/** An entry that takes the whole conversation off the contact or lead being viewed. */
function takeOffEntry(resModel, label) {
    return {
        label,
        icon: "fa-folder-o",
        group: "conversation",
        // One by one, it is in the details of each message.
        isShown: ({ card, model }) => card && !model.flat && model.resModel === resModel,
        async run({ card, model, services }) {
            const action = await services.orm.call(
                "member.mail.conversation",
                "action_take_off_here",
                [[card.conversation_id], resModel, model.resId]
            );
            return services.action.doAction(action);
        },
    };
}

messageActions
    .add(
        "take_off_contact",
        takeOffEntry("res.partner", _t("Take the conversation off this contact")),
        { sequence: 51 }
    )
    .add(
        "take_off_lead",
        takeOffEntry("crm.lead", _t("Take the conversation off this opportunity")),
        { sequence: 51 }
    )
    .add(
        "split_conversation",
        {
            label: _t("Start a new conversation from here"),
            icon: "fa-code-fork",
            group: "conversation",
            isShown: ({ card }) => !card || card.count > 1,
            async run(context) {
                const { message, services } = context;
                const done = await services.orm.call(
                    "member.mail.message",
                    "action_split_conversation",
                    [[message.id]]
                );
                await show(context, done, _t("This is a new conversation now."));
            },
        },
        { sequence: 52 }
    )
    .add(
        "join_conversation",
        {
            label: _t("Move to another conversation"),
            icon: "fa-exchange",
            group: "conversation",
            run(context) {
                const { message, services } = context;
                services.dialog.add(ConversationDialog, {
                    messageId: message.id,
                    async onChosen({ id, subject }) {
                        const done = await services.orm.call(
                            "member.mail.message",
                            "action_join_conversation",
                            [idsOfCopies(message), id]
                        );
                        await show(context, done, _t('Moved to "%s".', subject));
                    },
                });
            },
        },
        { sequence: 53 }
    );
