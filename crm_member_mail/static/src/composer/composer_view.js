import { markup, onMounted, onWillUnmount, status, useExternalListener } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useBus } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { FormController } from "@web/views/form/form_controller";
import { formView } from "@web/views/form/form_view";
import { KeysDialog, isTyping } from "../messages_tab/keys_dialog";
import { tellPages, useMailNotifications } from "../messages_tab/live";
import { undoableText } from "../messages_tab/undoable";
import { forget, keep, keptOf } from "../outbox/kept";
import { DraftWatch } from "./draft_watch";
import { SHOW_KEYS } from "./keys_button";
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

/** What is kept in the browser until the server has it. The text comes from the editor. */
const KEPT = ["email_to", "email_cc", "email_bcc", "subject"];
/** Asks the editor for what is in it: it sets `detail.body`. */
export const KEEP_TEXT = "MEMBER_MAIL:KEEP_TEXT";
/** Tells the parts of the composer that it was saved. */
export const SAVED = "MEMBER_MAIL:SAVED";

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
        this.watch = this.model.watch = new DraftWatch(this);
        // Not from useService: saving goes on when the user leaves.
        this.model.orm = this.watch.orm;
        this.isOver = this.isPending = false;
        this.saveLater = useDebounced(() => this.saveDraft(), PAUSE);
        useBus(this.model.bus, "FIELD_IS_DIRTY", ({ detail }) => detail && this.saveSoon());
        // Also of what is removed: a colleague may take an answer back.
        useMailNotifications(
            () => true,
            () => this.watch.lookForAnswers()
        );
        if (this.env.dialogData) {
            this.env.dialogData.dismiss = () => this.keepOrDrop();
        }
        useExternalListener(document, "visibilitychange", () => {
            // When one comes back, one may be logged in again.
            if (document.visibilityState === "hidden" || this.watch.state.isLoggedOut) {
                this.saveDraft();
            }
        });
        useExternalListener(document, "keydown", (ev) => {
            if (ev.key === "?" && !isTyping(ev) && this.isIn(ev.target)) {
                this.showKeys();
            }
        });
        useBus(this.model.bus, SHOW_KEYS, () => this.showKeys());
        onMounted(() => {
            if (this.env.inDialog) {
                // In a narrow window, the menu of a list whose button opened this is still open, and
                // would take the keys.
                document.body.dispatchEvent(new PointerEvent("pointerdown"));
            }
            this.watch.start();
            this.watch.lookForAnswers();
            this.offerKept();
            this.focusFirst();
        });
        onWillUnmount(() => {
            this.saveLater.cancel();
            this.stopFocusing?.();
            this.leave().finally(() => this.watch.stop());
        });
    }

    get modelParams() {
        const params = super.modelParams;
        // Not awaited: the record can't be saved before this is over.
        params.hooks.onRecordChanged = () => void (this.saveLater && this.saveSoon());
        return params;
    }

    isIn(element) {
        const root = this.rootRef.el;
        return (root?.closest(".modal") || root)?.contains(element);
    }

    showKeys() {
        this.dialogService.add(KeysDialog, { keys: keys() });
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

    saveSoon() {
        this.isPending = true;
        this.saveLater();
    }

    async saveDraft() {
        if (!this.isOver && status(this) === "mounted" && !this.watch.state.elsewhere) {
            return this.save();
        }
    }

    /** Save what is written; until the server has it, this browser keeps it. */
    async save() {
        const id = this.record.resId;
        if (this.isPending) {
            this.keepHere();
        }
        this.isPending = false;
        const onError = (error) => this.watch.onNotSaved(error);
        const isSaved = await this.record.save({ reload: false, onError }).catch((error) => {
            this.isPending = true;
            throw error;
        });
        this.isPending ||= !isSaved;
        if (!this.isPending) {
            forget(id);
            this.model.bus.trigger(SAVED);
        } else if (!isSaved) {
            this.keepHere(); // the fields have told meanwhile what is typed in them
        }
        return isSaved;
    }

    keepHere(isClosing = false) {
        const { data, model, resId } = this.record;
        const detail = { body: data.body };
        model.bus.trigger(KEEP_TEXT, detail);
        const values = Object.fromEntries(KEPT.map((name) => [name, data[name]]));
        const { revision } = this.watch;
        keep(resId, { ...values, body: String(detail.body || ""), revision, isClosing });
    }

    /** What was kept when the session was over or the browser ended, unless another version is newer. */
    offerKept() {
        const kept = keptOf(this.record.resId);
        if (!kept) {
            return;
        }
        if (kept.revision < this.watch.revision) {
            this.watch.block(_t("This draft was changed in another window."));
        } else {
            this.restore();
        }
        this.isOffered = true;
    }

    restore() {
        const kept = keptOf(this.record.resId);
        if (kept) {
            const values = Object.fromEntries(KEPT.map((name) => [name, kept[name]]));
            this.record.update({ ...values, body: markup(kept.body) });
        }
    }

    /** What the dialog's × and Escape do. */
    async keepOrDrop() {
        this.saveLater.cancel();
        if (this.watch.state.elsewhere) {
            this.isOver = true;
            return;
        }
        await this.takeTyped();
        const isSaved = await this.save();
        this.isOver = true;
        if (!isSaved) {
            this.env.services.notification.add(_t("Kept in this browser"), { type: "warning" });
            return tellPages(this.env);
        }
        forget(this.record.resId); // fields may have told late what was saved already
        if (this.isKept) {
            this.env.services.notification.add(_t("Draft saved"), { type: "info" });
        } else {
            await this.dropDraft();
            this.watch.tell("discarded");
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
        const { env, isPending } = this;
        const { resId } = this.record;
        if (this.watch.state.elsewhere) {
            return;
        }
        if (isPending) {
            this.keepHere();
        }
        await this.record.urgentSave();
        forget(resId);
        tellPages(env);
    }

    /** The window is closing. A beacon still arrives, but holds at most 64 kB. */
    async beforeUnload(ev) {
        if (this.isOver || this.watch.state.elsewhere) {
            return;
        }
        if (this.isPending) {
            this.keepHere(true);
        }
        const context = { ...this.record.context, ...this.watch.context };
        this.model._updateConfig(this.record.config, { context }, { reload: false });
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
        this.saveLater.cancel();
        await this.takeTyped();
        const { elsewhere } = this.watch.state;
        if (elsewhere) {
            this.env.services.notification.add(elsewhere, { type: "danger" });
            this.rootRef.el?.querySelector(".o_member_mail_elsewhere")?.scrollIntoView();
        }
        if (elsewhere || !(await this.save())) {
            return false;
        }
        clickParams.buttonContext = this.watch.context;
        const { problem } = this.record.data;
        if (problem) {
            this.env.services.notification.add(problem, { type: "danger" });
            this.rootRef.el?.querySelector(".o_member_mail_tags input")?.focus();
            return false;
        }
        const { scheduled_date, subject } = this.record.data;
        const note = scheduled_date ? "" : undoableText();
        if (!subject && !(await this.ask(SENDING_WITHOUT_SUBJECT, note))) {
            return false;
        }
        await this.watch.lookForAnswers();
        if (this.watch.unasked.length) {
            const isWanted = await this.ask(SENDING_ANOTHER, note);
            this.watch.acknowledge();
            if (!isWanted) {
                return false;
            }
        }
        this.isOver = true;
        return this.isInPage ? this.executeInPage(clickParams.name) : true;
    }

    async afterExecuteActionButton(clickParams) {
        if (status(this) === "mounted") {
            this.isOver = false; // sending was refused
        } else {
            this.tellDone(clickParams.name);
        }
        return super.afterExecuteActionButton(clickParams);
    }

    async confirmDiscard() {
        this.saveLater.cancel();
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
            const { context } = this.watch;
            const args = [[record.resId]];
            const action = await this.orm.call(record.resModel, method, args, { context });
            await this.actionService.doAction(action);
        } catch (error) {
            this.isOver = false; // sending was refused
            throw error;
        }
        this.tellDone(method);
        env.dialogData.close();
        return false;
    }

    /** Tell this page, and others, that the draft was sent or discarded. */
    tellDone(method) {
        tellPages(this.env);
        forget(this.record.resId);
        this.watch.tell(method === "action_send" ? "sent" : "discarded");
    }

    /** @param {string} note below what is asked */
    ask({ title, body, confirmLabel, cancelLabel, confirmClass }, note = "") {
        return new Promise((resolve) => {
            this.dialogService.add(
                ConfirmationDialog,
                {
                    title: title(),
                    body: [body(), note].filter(Boolean).join("\n"),
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

/** The keys of the composer, as KeysDialog shows them. */
const keys = () => [
    ["Ctrl+Enter", _t("Send")],
    ["Tab Enter", _t("From the text: send")],
    ["Ctrl+M", _t("Indent")],
    ["Ctrl+Shift+M", _t("Indent less")],
    ["/", _t("In the text: headings, lists, tables and more")],
    ["Esc", _t("Close; the draft is kept")],
    ["?", _t("Outside of what you write: this list")],
];

const DISCARDING = {
    title: () => _t("Discard this draft?"),
    body: () => _t("You will lose what you have written."),
    confirmLabel: () => _t("Discard"),
    cancelLabel: () => _t("Keep it"),
    confirmClass: "btn-danger",
};
const SENDING_ANOTHER = {
    title: () => _t("Send another answer?"),
    body: () => _t("An answer has left since you began to write this one."),
    confirmLabel: () => _t("Send"),
    cancelLabel: () => _t("Back"),
    confirmClass: "btn-primary",
};
const SENDING_WITHOUT_SUBJECT = {
    title: () => _t("Send without a subject?"),
    body: () => _t("The email has no subject."),
    confirmLabel: () => _t("Send"),
    cancelLabel: () => _t("Back"),
    confirmClass: "btn-primary",
};

/**
 * A draft as it is now. Odoo shows a record as it was when it was opened last, until the server answers: what
 * was written since would come a moment later, in place of the text with the focus in it.
 */
class ComposerModel extends formView.Model {
    static withCache = false;
}

registry.category("views").add("member_mail_composer", {
    ...formView,
    Controller: ComposerController,
    Model: ComposerModel,
});
