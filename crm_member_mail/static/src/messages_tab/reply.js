import { Component, onMounted, useEnv, useRef, useSubEnv } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { cookie } from "@web/core/browser/cookie";
import { useHotkey } from "@web/core/hotkeys/hotkey_hook";
import { registry } from "@web/core/registry";
import { useBus } from "@web/core/utils/hooks";
import { getDefaultConfig, View } from "@web/views/view";

/** The event that asks whether what a draft answers is on the page. */
const DRAFT_OPENS = "MEMBER_MAIL:DRAFT_OPENS";

/**
 * The composer in the page, below what is answered, instead of a dialog that would hide it.
 *
 * Closing it keeps the draft, as with a dialog; so does leaving the page.
 */
export class Reply extends Component {
    static template = "crm_member_mail.Reply";
    static components = { View };
    static props = {
        /** Of a draft. */
        id: Number,
        /** "Reply" */
        title: String,
        /** Called when it is sent, discarded or closed. */
        onClosed: Function,
    };

    setup() {
        this.rootRef = useRef("root");
        this.dialogData = { close: () => this.props.onClosed(), dismiss() {} };
        useSubEnv({
            // Not those of the form around it, whose title and pager they would change.
            config: getDefaultConfig(),
            inDialog: false,
            // What a dialog offers to a composer.
            dialogData: this.dialogData,
        });
        // The same objects each time the page around it is drawn: with others, the form would read its
        // record again, in place of what is being typed.
        this.viewProps = {
            type: "form",
            resModel: "member.mail.draft",
            resId: this.props.id,
            views: [[false, "form"]],
            display: { controlPanel: false },
        };
        const options = { area: () => this.rootRef.el, bypassEditableProtection: true };
        useHotkey("escape", () => this.close(), options);
        useHotkey("control+enter", () => this.send(), options);
        onMounted(() => this.rootRef.el.scrollIntoView({ block: "nearest" }));
    }

    async close() {
        await this.dialogData.dismiss();
        this.dialogData.close();
    }

    send() {
        this.rootRef.el.querySelector(".o_member_mail_send")?.click();
    }
}

/**
 * What a Reply needs to know of the action that opens a draft.
 *
 * @returns {Object|undefined} undefined on a small screen, where a dialog has all of it
 */
export function replyOf(action, { ui }) {
    if (action?.res_model === "member.mail.draft" && !ui.isSmall) {
        return { id: action.res_id, title: action.name };
    }
}

/**
 * Open a draft below what it answers, if that is on the page and there is room, or in a dialog.
 *
 * @param {Object} action as the server opens drafts
 * @param {Object} options of `doAction`, for the dialog
 */
export async function openDraft({ bus, services }, action, options) {
    const offer = { ...action.params, reply: replyOf(action, services), show: null };
    // Below a dialog, nobody would see it.
    const isHidden = document.body.classList.contains("modal-open");
    if (offer.reply && offer.answered_id && !isHidden) {
        bus.trigger(DRAFT_OPENS, offer);
    }
    return offer.show ? offer.show() : services.action.doAction(action, options);
}

/**
 * Have a place for drafts that open.
 *
 * @param {Function} find given `answered_id` and `conversation_id` (what is answered) and `reply` (as
 *     `replyOf` has it), returns a function that shows the draft, if it can be shown here
 */
export function useDraftPlace(find) {
    useBus(useEnv().bus, DRAFT_OPENS, ({ detail }) => {
        detail.show ||= find(detail);
    });
}

/** The name of the bundle that Odoo loads with the first view that needs it (`web/static/src/views/view.js`). */
export function lazyBundle() {
    const scheme = cookie.get("color_scheme") === "dark" ? "_dark" : "";
    return `web.assets_backend_lazy${scheme}`;
}

/** Have the browser load the composer, where somebody is likely to want it next. */
export async function prepareComposer() {
    if (!registry.category("views").contains("member_mail_composer")) {
        // Odoo asks again when it is needed, and says what is wrong then.
        await loadBundle(lazyBundle()).catch(() => {});
    }
}
