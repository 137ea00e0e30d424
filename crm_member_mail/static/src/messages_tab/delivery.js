import { Component } from "@odoo/owl";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { deserializeDateTime, toLocaleDateTimeString } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { isOff, whyItWaits } from "../home/home";
import { tellPages } from "./live";
import { openDraft } from "./reply";
import { ServerWords } from "./server_words";

/** Milliseconds in which a waiting email is sent so soon that no time is worth naming. */
const SOON = 60_000;

/**
 * What to say about an email that is not simply sent or received.
 *
 * @param {Object} message with `state`, `failure_reason`, `failure_details` and `scheduled_date` (as
 *     the server has them)
 * @returns {Object|null} `short` (for a line), `text`, `words` (of the mail server, or ""), `icon`, and
 *     `level` (of Bootstrap)
 */
export function deliveryOf({ state, failure_reason, failure_details, scheduled_date: date }) {
    const leaves = date && deserializeDateTime(date);
    const moment = leaves && toLocaleDateTimeString(leaves);
    const [reason, words] = apart(failure_reason || "", failure_details || "");
    if (state === "outgoing" && isOff()) {
        return {
            short: _t("Waiting"),
            text: whyItWaits(),
            words: "",
            icon: "fa-power-off",
            level: "warning",
        };
    }
    if (state === "outgoing" && reason) {
        return {
            short: _t("Waiting"),
            text: _t("Odoo will try again on %(moment)s. %(reason)s", { moment, reason }),
            words,
            icon: "fa-clock-o",
            level: "warning",
        };
    }
    if (state === "outgoing") {
        const later = leaves && leaves.toMillis() > Date.now() + SOON;
        return {
            short: later ? _t("Scheduled") : _t("Waiting"),
            text: later ? _t("It will be sent on %s.", moment) : _t("It will be sent in a moment."),
            words: "",
            icon: "fa-clock-o",
            level: "info",
        };
    }
    if (state === "sending") {
        return {
            short: _t("Sending"),
            text: _t("This may take a moment."),
            words: "",
            icon: "fa-paper-plane-o",
            level: "info",
        };
    }
    if (state === "failed") {
        return {
            short: _t("Not sent"),
            text: reason || _t("It was not sent."),
            words,
            icon: "fa-times-circle",
            level: "danger",
        };
    }
    if (state === "uncertain") {
        return {
            short: _t("Delivery unknown"),
            text: reason || _t("Odoo can't tell whether it was sent."),
            words,
            icon: "fa-question-circle",
            level: "warning",
        };
    }
    if (state === "sent" && reason) {
        return { short: "", text: reason, words, icon: "fa-info-circle", level: "warning" };
    }
    return null;
}

/**
 * A sentence and what the server said. What was stored by 19.0.1.1.0 has that in brackets behind the
 * sentence.
 */
function apart(reason, words) {
    const [, sentence, said] = (!words && reason.match(/^(.+[.!?]) \((.+)\)$/s)) || [];
    return sentence ? [sentence, said] : [reason, words];
}

/** The status of an email sent from Odoo, and what the user can do about it. */
export class Delivery extends Component {
    static template = "crm_member_mail.Delivery";
    static components = { ServerWords };
    static props = {
        message: Object,
        /**
         * The people on it, with `name`, `email`, `failure` (what a server said; "" if it reached them),
         * `failure_reason` (what that means) and `read_on` (UTC, as the server has it; "" if there is no
         * read receipt of theirs).
         */
        people: { type: Array, optional: true },
        onDone: { type: Function, optional: true },
    };
    static defaultProps = { people: [] };

    get delivery() {
        return deliveryOf(this.props.message);
    }

    /** The people whom it did not reach. */
    get unreached() {
        return this.props.people.filter(({ failure }) => failure);
    }

    /** Who read it and when, as their read receipts say: a sentence for each. */
    get receipts() {
        return this.props.people
            .filter(({ read_on }) => read_on)
            .map(({ name, email, read_on }) =>
                _t("Read by %(name)s on %(moment)s", {
                    name: name || email,
                    moment: toLocaleDateTimeString(deserializeDateTime(read_on)),
                })
            );
    }

    /** Whether the sentence above does not say already why it did not reach somebody. */
    tellsMore({ failure_reason: reason }) {
        return reason && !this.delivery.text.includes(reason);
    }

    /** What the mail server said, as lines; of each recipient where that is known. */
    get words() {
        const { words } = this.delivery;
        const lines = this.unreached.map(({ email, failure }) => `${email}: ${failure}`);
        return [words, ...lines.filter((line) => !words.includes(line))].filter(Boolean).join("\n");
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
                    { label: _t("Mark as sent"), run: () => this.call("action_mark_sent") },
                    { label: _t("Send again"), run: () => this.confirmAgain() },
                ],
            }[this.props.message.state] || []
        );
    }

    confirmAgain() {
        this.env.services.dialog.add(ConfirmationDialog, {
            title: _t("Send it again?"),
            body: _t("If it was already sent, recipients may get it twice."),
            confirmLabel: _t("Send again"),
            confirm: () => this.call("action_retry_sending"),
            cancelLabel: _t("Cancel"),
            cancel() {},
        });
    }

    /** Call a method of the message, and do the Odoo action it returns, if any. */
    async call(method) {
        const { env, props } = this;
        const { orm } = env.services;
        const result = await orm.call("member.mail.message", method, [[props.message.id]]);
        const onClose = () => props.onDone?.();
        if (result?.type) {
            await openDraft(env, result, { onClose });
        }
        tellPages(env, [props.message.id]);
        if (!result?.type) {
            await onClose();
        }
    }
}
