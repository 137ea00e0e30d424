import { reactive } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { forget } from "../outbox/kept";

const CHANNEL = "crm_member_mail.drafts";

/**
 * What happens elsewhere to a draft that is open here: in other windows of this browser, which tell each other,
 * on other devices, of which the server tells when this one saves, and in the conversation that it answers.
 *
 * `state` is what the composer shows (Notices): `elsewhere` (why it can't be saved, '' if it can), `isGone` (for
 * good), `isOpenTwice`, `isLoggedOut`, and the `answers` of others.
 */
export class DraftWatch {
    /** @param {ComposerController} composer */
    constructor(composer) {
        this.composer = composer;
        this.known = 0;
        this.acknowledged = new Set();
        this.state = reactive({
            elsewhere: "",
            isGone: false,
            isOpenTwice: false,
            isLoggedOut: false,
            answers: [],
        });
    }

    get id() {
        return this.composer.record.resId;
    }

    /** The last version that this window has seen; it only grows. */
    get revision() {
        return Math.max(this.known, this.composer.record.data.revision || 0);
    }

    get context() {
        return { member_mail_revision: this.revision };
    }

    // -- other windows -------------------------------------------------------------------------

    start() {
        this.channel = new browser.BroadcastChannel(CHANNEL);
        this.channel.onmessage = ({ data }) => data.id === this.id && this.hear(data);
        this.tell("opened");
    }

    stop() {
        this.tell("closed");
        this.channel.close();
        this.channel = null;
    }

    /** Also after the end: what was sent is told when the composer is gone. */
    tell(what) {
        const channel = this.channel || new browser.BroadcastChannel(CHANNEL);
        channel.postMessage({ id: this.id, what, revision: this.revision });
        if (!this.channel) {
            channel.close();
        }
    }

    hear({ what, revision }) {
        if (what === "opened") {
            this.tell("here");
            if (this.state.isGone) {
                this.takeOther(); // sending it was undone there
            }
        }
        if (what === "opened" || what === "here" || what === "closed") {
            this.state.isOpenTwice = what !== "closed";
        } else if (what === "saved" && revision > this.revision) {
            if (this.composer.isPending) {
                this.block(_t("This draft was changed in another window."));
            } else {
                this.takeOther();
            }
        } else if (what === "sent") {
            this.block(_t("This email was sent in another window."), true);
        } else if (what === "discarded") {
            this.block(_t("This draft was discarded in another window."), true);
        }
    }

    block(reason, isGone = false) {
        Object.assign(this.state, { elsewhere: reason, isGone });
    }

    async takeOther() {
        forget(this.id);
        this.composer.isPending = false;
        this.block("");
        await this.composer.record.load();
    }

    async keepMine() {
        const { orm } = this.composer.env.services;
        const [{ revision }] = await orm.read("member.mail.draft", [this.id], ["revision"]);
        this.known = revision;
        this.block("");
        if (this.composer.isOffered) {
            this.composer.restore();
        }
        this.composer.isPending = true;
        await this.composer.saveDraft();
    }

    // -- the server ------------------------------------------------------------------------------

    /** The ORM service, with the revision in what is saved. */
    get orm() {
        const { orm } = this.composer.env.services;
        const own = Object.create(orm);
        own.webSave = async (model, ids, changes, kwargs) => {
            const context = { ...kwargs.context, ...this.context };
            const records = await orm.webSave(model, ids, changes, { ...kwargs, context });
            this.known = records[0]?.revision || 0;
            this.state.isLoggedOut = false;
            this.tell("saved");
            return records;
        };
        return own;
    }

    /** What is known of an error when saving is shown beside the text. */
    onNotSaved(error) {
        const name = error.exceptionName || "";
        if (name.endsWith(".DraftChangedError")) {
            const { arguments: args, message } = error.data;
            this.block(args?.[0] || message, args?.[1] === "sent");
        } else if (name === "odoo.exceptions.MissingError") {
            this.block(_t("This draft is gone: it was sent or discarded in another window."), true);
        } else if (name === "odoo.http.SessionExpiredException") {
            this.state.isLoggedOut = true;
        } else {
            throw error;
        }
        return false;
    }

    // -- the conversation --------------------------------------------------------------------------

    get isAnswer() {
        // An email may arrive before the draft is here, which is asked about once it is.
        const { answered_id, mode } = this.composer.record?.data || {};
        return answered_id && mode.startsWith("reply");
    }

    async lookForAnswers() {
        if (this.isAnswer && !this.composer.isOver) {
            this.state.answers = await this.composer.env.services.orm.silent.call(
                "member.mail.draft",
                "get_newer_answers",
                [[this.id]]
            );
        }
    }

    /** The answers of others that nobody was asked about yet. */
    get unasked() {
        return this.state.answers.filter(({ id }) => !this.acknowledged.has(id));
    }

    acknowledge() {
        for (const { id } of this.state.answers) {
            this.acknowledged.add(id);
        }
    }
}
