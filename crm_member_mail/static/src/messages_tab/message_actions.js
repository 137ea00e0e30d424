import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { printMessage } from "../message_viewer/print";
import { HeadersDialog } from "./headers_dialog";

/**
 * What one can do with a message of the Messages tab, by the names of the entries. An entry has
 *
 * - `label`, `icon` (Font Awesome) and `group`: entries of one group stand together;
 * - `isShown(context)`, optional;
 * - `run(context)`.
 *
 * The context: `message` (its head), `model` (a TabModel, or what stands for it), `card` (in a tab),
 * `services` (of the environment), `isManager` and `canCreateLead`. `isPrimary` puts an entry as a
 * button beside the menu, too.
 */
export const messageActions = registry.category("member_mail_message_actions");

/** Run a method that returns an action of Odoo, and do that. */
async function runAction({ message, services }, method, args = [], kwargs = {}) {
    const action = await services.orm.call(
        "member.mail.message",
        method,
        [[message.id], ...args],
        kwargs
    );
    return action && services.action.doAction(action);
}

/** Open the draft of an answer, filed where one is. */
function answer(context, mode) {
    const { resModel, resId } = context.model;
    return runAction(context, "action_answer", [mode, resModel || false, resId || false]);
}

messageActions
    .add(
        "reply",
        {
            label: _t("Reply"),
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
        "log",
        {
            label: _t("Log in chatter"),
            icon: "fa-comment-o",
            group: "crm",
            isShown: ({ model }) => model.resId,
            async run({ message, model, services }) {
                await services.orm.call("member.mail.message", "action_log_in_chatter", [
                    [message.id],
                    model.resModel,
                    model.resId,
                ]);
                services.notification.add(_t("The message is in the chatter, as a note."), {
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
            icon: "fa-envelope-o",
            group: "show",
            // Mail from before the mailbox was registered is nobody's news.
            isShown: ({ message, card }) => card && message.is_news && message.direction === "in",
            run: ({ message, card, model }) => model.markUnseen(card, message.id),
        },
        { sequence: 55 }
    )
    .add(
        "print",
        {
            label: _t("Print"),
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
            icon: "fa-trash-o",
            group: "remove",
            run: ({ message, model, services }) =>
                deleteMessages({ ids: [message.id], model, services }),
        },
        { sequence: 100 }
    );

/**
 * Ask, delete, and offer to take it back.
 *
 * The services are those of the environment, not of a component: one may have gone elsewhere when one
 * takes it back.
 */
export async function deleteMessages({ ids, model, services, onDeleted }) {
    const { orm, dialog, notification } = services;
    const warning = await orm.call("member.mail.message", "get_delete_warning", [ids]);
    dialog.add(ConfirmationDialog, {
        title:
            ids.length === 1
                ? _t("Delete this message?")
                : _t("Delete these %s messages?", ids.length),
        body: warning,
        confirmLabel: _t("Delete"),
        confirmClass: "btn-danger",
        cancelLabel: _t("Keep it"),
        cancel() {},
        async confirm() {
            const { seconds } = await orm.call("member.mail.message", "action_trash", [ids]);
            model.drop(ids);
            const refreshed = model.refresh();
            const close = notification.add(
                ids.length === 1
                    ? _t("The message is deleted.")
                    : _t("%s messages are deleted.", ids.length),
                {
                    type: "info",
                    autocloseDelay: seconds * 1000,
                    buttons: [
                        {
                            name: _t("Undo"),
                            primary: true,
                            async onClick() {
                                close();
                                await orm.call("member.mail.message", "action_restore", [ids]);
                                await model.refresh();
                            },
                        },
                    ],
                }
            );
            await refreshed;
            onDeleted?.();
        },
    });
}
