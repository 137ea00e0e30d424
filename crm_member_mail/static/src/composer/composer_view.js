import { onMounted, onWillUnmount, status, useExternalListener } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useBus } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { FormController } from "@web/views/form/form_controller";
import { formView } from "@web/views/form/form_view";
import { tellPages } from "../messages_tab/live";
import { TAKE_TYPED } from "./recipient_input";

/** Milliseconds without a change after which the draft is saved. */
const PAUSE = 1000;
/** Fields that make a draft worth keeping; the server uses the same. */
const WRITTEN = [
    "email_to",
    "email_cc",
    "email_bcc",
    "subject",
    "body",
    "attachment_ids",
    "scheduled_date",
    "template_id",
];

/**
 * The composer: the form of a draft, which is saved while the user types.
 *
 * Closing it keeps the draft, unless nothing was ever written in it. Values are never read back after
 * saving, because that would move the cursor.
 */
export class ComposerController extends FormController {
    static template = "crm_member_mail.Composer";

    setup() {
        super.setup();
        // Not from useService: saving goes on when the user leaves.
        this.model.orm = this.env.services.orm;
        this.isOver = false;
        this.saveSoon = useDebounced(() => this.saveDraft(), PAUSE);
        useBus(this.model.bus, "FIELD_IS_DIRTY", ({ detail }) => detail && this.saveSoon());
        if (this.env.dialogData) {
            this.env.dialogData.dismiss = () => this.keepOrDrop();
        }
        useExternalListener(document, "visibilitychange", () => {
            if (document.visibilityState === "hidden") {
                this.saveDraft();
            }
        });
        onMounted(() => this.focusFirst());
        onWillUnmount(() => {
            this.saveSoon.cancel();
            this.stopFocusing?.();
            this.leave();
        });
    }

    get modelParams() {
        const params = super.modelParams;
        // Not awaited: the record can't be saved before this is over.
        params.hooks.onRecordChanged = () => void this.saveSoon?.();
        return params;
    }

    get record() {
        return this.model.root;
    }

    // -- keeping the draft -------------------------------------------------------------------

    async onRecordSaved(record, changes) {
        await super.onRecordSaved(record, changes);
        this.isTouched ||= WRITTEN.some((name) => name in changes);
    }

    get isKept() {
        return this.isTouched || this.record.data.touched;
    }

    async saveDraft() {
        if (!this.isOver && status(this) === "mounted") {
            return this.record.save({ reload: false });
        }
    }

    /** What the dialog's × and Escape do. */
    async keepOrDrop() {
        this.saveSoon.cancel();
        await this.takeTyped();
        await this.record.save({ reload: false });
        this.isOver = true;
        if (this.isKept) {
            this.env.services.notification.add(_t("Draft saved"), { type: "info" });
        } else {
            await this.dropDraft();
        }
        tellPages(this.env);
    }

    dropDraft() {
        return this.orm.call(this.props.resModel, "action_discard", [[this.record.resId]]);
    }

    /** When the user goes elsewhere in Odoo, the dialog is removed without asking. */
    async leave() {
        if (this.isOver) {
            return;
        }
        this.isOver = true;
        const { env } = this;
        await this.record.urgentSave();
        tellPages(env);
    }

    /** The window is closing. A beacon still arrives, but holds at most 64 kB. */
    async beforeUnload(ev) {
        if (this.isOver) {
            return;
        }
        this.model.env = { ...this.model.env, inDialog: false }; // or no beacon is sent
        await super.beforeUnload(ev);
    }

    beforeVisibilityChange() {} // setup does this, also in a dialog

    /** Have the inputs accept what is typed in them. */
    async takeTyped() {
        const proms = [];
        this.model.bus.trigger(TAKE_TYPED, { proms });
        await Promise.all(proms);
    }

    // -- sending and discarding --------------------------------------------------------------------

    async beforeExecuteActionButton(clickParams) {
        if (clickParams.name === "action_discard") {
            return this.confirmDiscard();
        }
        this.saveSoon.cancel();
        await this.takeTyped();
        if (!(await this.record.save({ reload: false }))) {
            return false;
        }
        const { problem } = this.record.data;
        if (problem) {
            this.env.services.notification.add(problem, { type: "danger" });
            this.rootRef.el?.querySelector(".o_member_mail_tags input")?.focus();
            return false;
        }
        if (!this.record.data.subject && !(await this.ask(SENDING_WITHOUT_SUBJECT))) {
            return false;
        }
        this.isOver = true;
        return this.isInPage ? this.executeInPage(clickParams.name) : true;
    }

    async afterExecuteActionButton(clickParams) {
        if (status(this) === "mounted") {
            this.isOver = false; // sending was refused
        } else {
            tellPages(this.env);
        }
        return super.afterExecuteActionButton(clickParams);
    }

    async confirmDiscard() {
        this.saveSoon.cancel();
        if ((await this.record.isDirty()) || this.isKept) {
            if (!(await this.ask(DISCARDING))) {
                return false;
            }
        }
        this.isOver = true;
        return this.isInPage ? this.executeInPage("action_discard") : true;
    }

    /** Whether this is part of a page (see Reply) and not a dialog, which the action itself closes. */
    get isInPage() {
        return !this.env.inDialog && Boolean(this.env.dialogData);
    }

    /** Do the action of a button and close; says that there is nothing left to do. */
    async executeInPage(method) {
        const { env, record } = this;
        try {
            const action = await this.orm.call(record.resModel, method, [[record.resId]]);
            await this.actionService.doAction(action);
        } catch (error) {
            this.isOver = false; // sending was refused
            throw error;
        }
        env.dialogData.close();
        tellPages(env);
        return false;
    }

    ask({ title, body, confirmLabel, cancelLabel, confirmClass }) {
        return new Promise((resolve) => {
            this.dialogService.add(
                ConfirmationDialog,
                {
                    title: title(),
                    body: body(),
                    confirmLabel: confirmLabel(),
                    cancelLabel: cancelLabel(),
                    confirmClass,
                    confirm: () => resolve(true),
                    cancel: () => resolve(false),
                },
                { onClose: () => resolve(false) }
            );
        });
    }

    // -- the first focus ---------------------------------------------------------------------------

    /** Focus the first empty field; in an answer that is the text. */
    focusFirst() {
        const { mode, email_to, subject } = this.record.data;
        const root = this.rootRef.el;
        let field = ".odoo-editor-editable";
        if (!email_to && mode !== "each") {
            field = ".o_member_mail_tags input";
        } else if (!subject) {
            field = "[name=subject] input";
        }
        const focus = () => {
            const element = root.querySelector(field);
            if (element) {
                element.focus();
                if (element.isContentEditable) {
                    browser
                        .getSelection?.()
                        ?.collapse(element.querySelector("p, div") || element, 0);
                }
            }
            return Boolean(element);
        };
        if (!focus()) {
            const observer = new MutationObserver(() => focus() && observer.disconnect());
            observer.observe(root, { childList: true, subtree: true });
            this.stopFocusing = () => observer.disconnect();
        }
    }
}

const DISCARDING = {
    title: () => _t("Discard this draft?"),
    body: () => _t("You will lose what you have written."),
    confirmLabel: () => _t("Discard"),
    cancelLabel: () => _t("Keep it"),
    confirmClass: "btn-danger",
};
const SENDING_WITHOUT_SUBJECT = {
    title: () => _t("Send without a subject?"),
    body: () => _t("The email has no subject."),
    confirmLabel: () => _t("Send"),
    cancelLabel: () => _t("Back to the email"),
    confirmClass: "btn-primary",
};

registry.category("views").add("member_mail_composer", {
    ...formView,
    Controller: ComposerController,
});
