import { onMounted, reactive, useState } from "@odoo/owl";
import { patch } from "@web/core/utils/patch";
import { FormCompiler } from "@web/views/form/form_compiler";
import { FormRenderer } from "@web/views/form/form_renderer";
import { AT_MESSAGES } from "../new_mail/open";

/** The name of the page in the forms of contacts and leads. */
const PAGE = "member_mail_messages";
/** The field with the number of unread messages. */
export const UNREAD = "member_mail_unread_count";

/** Numbers that are newer than those which forms have loaded: of the record that is shown. */
const newer = reactive({ key: null, loaded: null, count: null });

/**
 * Note how many messages of a record are unread by now.
 *
 * @param {Object} record of the form
 * @param {number} loaded the number that the form had when the server was asked
 * @param {number} count
 */
export function noteUnread({ resModel, resId }, loaded, count) {
    Object.assign(newer, { key: `${resModel},${resId}`, loaded, count });
}

/**
 * How many messages of a form's record are unread, as far as is known.
 *
 * @param {Object} record
 * @param {Object} known the newer numbers, as `useUnread` returned them
 */
export function unreadOf({ resModel, resId, data }, known) {
    const isNewer = known.key === `${resModel},${resId}` && known.loaded === data[UNREAD];
    return (isNewer ? known.count : data[UNREAD]) || 0;
}

export function useUnread() {
    return useState(newer);
}

patch(FormRenderer.prototype, {
    setup() {
        super.setup(...arguments);
        this.memberMailUnread = useUnread();
        onMounted(() => {
            // On a phone the tab is far below.
            if (this.props.record.context[AT_MESSAGES] && this.uiService.isSmall) {
                document.querySelector(`a[name=${PAGE}]`)?.scrollIntoView();
            }
        });
    },
    /** The title of the Messages tab, with the number of unread messages. */
    memberMailTitle(title) {
        const count = unreadOf(this.props.record, this.memberMailUnread);
        return count ? `${title} (${count})` : title;
    },
});

patch(FormCompiler.prototype, {
    /** The title of our page tells what is unread, and notifications open the form at it. */
    compileNotebook() {
        const notebook = super.compileNotebook(...arguments);
        const page = [...notebook.children].find(
            (slot) => slot.getAttribute("name") === `\`${PAGE}\``
        );
        if (page) {
            page.setAttribute("title", `__comp__.memberMailTitle(${page.getAttribute("title")})`);
            const id = page.getAttribute("t-set-slot");
            const usual = notebook.getAttribute("defaultPage");
            notebook.setAttribute(
                "defaultPage",
                `__comp__.props.record.context.${AT_MESSAGES} ? "${id}" : (${usual})`
            );
        }
        return notebook;
    },
});
