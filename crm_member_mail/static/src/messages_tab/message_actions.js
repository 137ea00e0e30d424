import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { printMessage } from "../message_viewer/print";
import { HeadersDialog } from "./headers_dialog";
import { replyOf } from "./reply";
import { isTyping, keyOf } from "./keys_dialog";
import { canBeUnread, idsOfCopies } from "./tab_model";
import { offerUndo, undoableText } from "./undoable";

/**
 * The actions on a message in the Messages tab, by name. An entry has
 *
 * - `label`, `icon` (Font Awesome) and `group`: entries of one group stand together;
 * - `key`, optional, as `keyOf` has it;
 * - `isShown(context)`, optional;
 * - `run(context)`.
 *
 * The context: `message` (its head), `model` (a TabModel or a substitute), `card` (in a tab),
 * `services` (of the environment), `isManager` and `canCreateLead`. `isPrimary` puts an entry as a
 * button beside the menu as well.
 */
export const messageActions = registry.category("member_mail_message_actions");

/** Call a method of the message, and do the Odoo action it returns, if any. */
async function runAction({ message, services }, method) {
    const action = await services.orm.call("member.mail.message", method, [[message.id]]);
    return action && services.action.doAction(action);
}

/** Open the draft of an answer, under the contact or lead being viewed and below what is answered. */
async function answer({ message, card, model, services }, mode) {
    const { resModel, resId } = model;
    const action = await services.orm.call("member.mail.message", "action_answer", [
        [message.id],
        mode,
        resModel || false,
        resId || false,
    ]);
    const reply = model.showReply && replyOf(action, services);
    return reply ? model.showReply(card, reply) : action && services.action.doAction(action);
}

messageActions
    .add(
        "reply",
        {
            label: _t("Reply"),
            key: "r",
            icon: "fa-reply",
            group: "answer",
            isPrimary: true,
            run: (context) => answer(context, "reply"),
        },
        { sequence: 10 }
    )
    .add(
        "reply_all",
        {
            label: _t("Reply all"),
            key: "a",
            icon: "fa-reply-all",
            group: "answer",
            run: (context) => answer(context, "reply_all"),
        },
        { sequence: 20 }
    )
    .add(
        "forward",
        {
            label: _t("Forward"),
            key: "f",
            icon: "fa-share",
            group: "answer",
            isPrimary: true,
            run: (context) => answer(context, "forward"),
        },
        { sequence: 30 }
    )
    .add(
        "create_lead",
        {
            label: _t("Create opportunity"),
            icon: "fa-star-o",
            group: "crm",
            isShown: ({ canCreateLead }) => canCreateLead,
            run: (context) => runAction(context, "action_create_lead"),
        },
        { sequence: 40 }
    )
    .add(
        "file_under",
        {
            label: _t("File under…"),
            key: "v",
            icon: "fa-folder-open-o",
            group: "crm",
            run: (context) => runAction(context, "action_file_under"),
        },
        { sequence: 45 }
    )
    .add(
        "log",
        {
            label: _t("Log as note"),
            icon: "fa-comment-o",
            group: "crm",
            isShown: ({ model }) => model.resId,
            async run({ message, model, services }) {
                await services.orm.call("member.mail.message", "action_log_in_chatter", [
                    [message.id],
                    model.resModel,
                    model.resId,
                ]);
                services.notification.add(_t("Message logged as a note."), {
                    type: "success",
                });
                const thread = { model: model.resModel, id: model.resId };
                services["mail.store"]?.Thread.get(thread)?.fetchNewMessages();
            },
        },
        { sequence: 50 }
    )
    .add(
        "unseen",
        {
            label: _t("Mark as unread"),
            key: "Shift+U",
            icon: "fa-envelope-o",
            group: "show",
            isShown: ({ message }) => canBeUnread(message),
            run: ({ message, card, model }) => model.markUnseen(card, message.id),
        },
        { sequence: 55 }
    )
    .add(
        "print",
        {
            label: _t("Print"),
            key: "p",
            icon: "fa-print",
            group: "show",
            run: ({ message, services }) => printMessage(services.orm, message.id),
        },
        { sequence: 60 }
    )
    .add(
        "download",
        {
            label: _t("Download .eml"),
            icon: "fa-download",
            group: "show",
            run({ message }) {
                const link = document.createElement("a");
                link.href = `/member_mail/message/${message.id}/eml`;
                link.download = "";
                link.click();
            },
        },
        { sequence: 70 }
    )
    .add(
        "headers",
        {
            label: _t("Show original headers"),
            icon: "fa-code",
            group: "show",
            async run({ message, services }) {
                const headers = await services.orm.call(
                    "member.mail.message",
                    "get_original_headers",
                    [[message.id]]
                );
                services.dialog.add(HeadersDialog, { headers, title: message.subject });
            },
        },
        { sequence: 80 }
    )
    .add(
        "exclude",
        {
            label: _t("Exclude this sender"),
            icon: "fa-ban",
            group: "remove",
            isShown: ({ isManager, message }) => isManager && message.direction === "in",
            run: (context) => runAction(context, "action_exclude_sender"),
        },
        { sequence: 90 }
    )
    .add(
        "delete",
        {
            label: _t("Delete"),
            key: "Del",
            icon: "fa-trash-o",
            group: "remove",
            run: ({ message, model, services }) =>
                deleteMessages({ ids: idsOfCopies(message), model, services }),
        },
        { sequence: 100 }
    );

/**
 * Do the action of a message that a pressed key stands for, if there is one.
 *
 * @param {KeyboardEvent} ev
 * @param {Object} context of the message
 */
export function actByKey(ev, context) {
    if (ev.defaultPrevented || ev.ctrlKey || ev.metaKey || ev.altKey || isTyping(ev)) {
        return;
    }
    const action = messageActions.getAll().find(({ key }) => key && key === keyOf(ev));
    if (action && (action.isShown?.(context) ?? true)) {
        ev.preventDefault();
        action.run(context);
    }
}

/**
 * Ask, delete, and offer Undo.
 *
 * The services are those of the environment, not of a component: the user may have left the page before
 * choosing Undo.
 */
export async function deleteMessages({ ids, model, services, onDeleted }) {
    const { orm, dialog } = services;
    const warning = await orm.call("member.mail.message", "get_delete_warning", [ids]);
    dialog.add(ConfirmationDialog, {
        title:
            ids.length === 1
                ? _t("Delete this message?")
                : _t("Delete these %s messages?", ids.length),
        body: `${warning} ${undoableText()}`,
        confirmLabel: _t("Delete"),
        confirmClass: "btn-danger",
        cancelLabel: _t("Cancel"),
        cancel() {},
        async confirm() {
            const { seconds } = await orm.call("member.mail.message", "action_trash", [ids]);
            model.drop(ids);
            // Not awaited, or the dialog stays open when a later refresh replaces this one.
            Promise.resolve(model.refresh()).then(() => onDeleted?.());
            offerUndo(
                services,
                ids.length === 1 ? _t("Message deleted.") : _t("%s messages deleted.", ids.length),
                {
                    type: "info",
                    className: "o_member_mail_deleted",
                    autocloseDelay: seconds * 1000,
                    async undo() {
                        await orm.call("member.mail.message", "action_restore", [ids]);
                        await model.refresh();
                    },
                }
            );
        },
    });
}
