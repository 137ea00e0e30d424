import { Component } from "@odoo/owl";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { formatDateTime, deserializeDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { tellPages } from "./live";

/** How soon an email leaves that just waits for its turn: no time is worth naming. */
const SOON = 60_000;

/**
 * What is to be said of an email that is not simply sent or received.
 *
 * @param {Object} message with `state`, `failure_reason` and `scheduled_date` (as the server has it)
 * @returns {Object|null} `short` (for a line), `text`, `icon`, and `level` (of Bootstrap)
 */
export function deliveryOf({ state, failure_reason: reason, scheduled_date: date }) {
    const leaves = date && deserializeDateTime(date);
    if (state === "outgoing" && reason) {
        return {
            short: _t("Waiting"),
            text: _t("It is tried again at %(moment)s. %(reason)s", {
                moment: formatDateTime(leaves, { showSeconds: false }),
                reason,
            }),
            icon: "fa-clock-o",
            level: "warning",
        };
    }
    if (state === "outgoing") {
        const later = leaves && leaves.toMillis() > Date.now() + SOON;
        const moment = later && formatDateTime(leaves, { showSeconds: false });
        return {
            short: later ? _t("Scheduled") : _t("Waiting"),
            text: later ? _t("It will be sent on %s.", moment) : _t("It leaves in a moment."),
            icon: "fa-clock-o",
            level: "info",
        };
    }
    if (state === "sending") {
        return {
            short: _t("Being sent"),
            text: _t("It is being sent."),
            icon: "fa-paper-plane-o",
            level: "info",
        };
    }
    if (state === "failed") {
        return {
            short: _t("Not sent"),
            text: reason || _t("It was not sent."),
            icon: "fa-times-circle",
            level: "danger",
        };
    }
    if (state === "uncertain") {
        return {
            short: _t("Perhaps sent"),
            text: reason || _t("Nobody knows whether it was sent."),
            icon: "fa-question-circle",
            level: "warning",
        };
    }
    if (state === "sent" && reason) {
        return { short: "", text: reason, icon: "fa-info-circle", level: "warning" };
    }
    return null;
}

/** Where an email stands that was sent from here, and what one can do about it. */
export class Delivery extends Component {
    static template = "crm_member_mail.Delivery";
    static props = {
        message: Object,
        /** People whom it did not reach, as dicts with `name`, `email` and `failure`. */
        people: { type: Array, optional: true },
        onDone: { type: Function, optional: true },
    };
    static defaultProps = { people: [] };

    get delivery() {
        return deliveryOf(this.props.message);
    }

    get unreached() {
        return this.props.people.filter(({ failure }) => failure);
    }

    get buttons() {
        return (
            {
                outgoing: [
                    { label: _t("Send now"), run: () => this.call("action_send_now") },
                    { label: _t("Edit"), run: () => this.call("action_cancel_sending") },
                ],
                failed: [
                    {
                        label: _t("Try again"),
                        isPrimary: true,
                        run: () => this.call("action_retry_sending"),
                    },
                    { label: _t("Edit"), run: () => this.call("action_edit_again") },
                ],
                uncertain: [
                    { label: _t("It arrived"), run: () => this.call("action_mark_sent") },
                    { label: _t("Send again"), run: () => this.confirmAgain() },
                ],
            }[this.props.message.state] || []
        );
    }

    confirmAgain() {
        this.env.services.dialog.add(ConfirmationDialog, {
            title: _t("Send it again?"),
            body: _t("If it was sent, those whom it reached get it twice."),
            confirmLabel: _t("Send again"),
            confirm: () => this.call("action_retry_sending"),
            cancelLabel: _t("Leave it"),
            cancel() {},
        });
    }

    /** Call a method of the message, and do the action that it returns. */
    async call(method) {
        const { env, props } = this;
        const { orm, action } = env.services;
        const result = await orm.call("member.mail.message", method, [[props.message.id]]);
        const onClose = () => props.onDone?.();
        if (result?.type) {
            await action.doAction(result, { onClose });
        }
        tellPages(env, [props.message.id]);
        if (!result?.type) {
            await onClose();
        }
    }
}
