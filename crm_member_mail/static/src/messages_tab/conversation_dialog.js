import { Component, onWillStart, useState } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { useDebounced } from "@web/core/utils/timing";
import { formatInteger } from "@web/views/fields/formatters";
import { absoluteDate, isoDate, relativeDate } from "./dates";

/** Milliseconds without a keystroke before the search starts. */
const TYPING = 250;

/** Choose another conversation for a message, among those of the same contacts. */
export class ConversationDialog extends Component {
    static template = "crm_member_mail.ConversationDialog";
    static components = { Dialog };
    static props = {
        messageId: Number,
        /** Gets the chosen one, as `get_other_conversations` has it. */
        onChosen: Function,
        close: Function,
    };

    setup() {
        this.state = useState({ query: "", conversations: [] });
        this.search = useDebounced(() => this.load(), TYPING);
        Object.assign(this, { absoluteDate, isoDate, relativeDate });
        onWillStart(() => this.load());
    }

    async load() {
        const { query } = this.state;
        const found = await this.env.services.orm.call(
            "member.mail.message",
            "get_other_conversations",
            [[this.props.messageId]],
            { query }
        );
        if (query === this.state.query) {
            this.state.conversations = found;
        }
    }

    get title() {
        return _t("Move to another conversation");
    }

    countLabel({ count }) {
        return count === 1 ? _t("1 message") : _t("%s messages", formatInteger(count));
    }

    onInput(ev) {
        this.state.query = ev.target.value;
        this.search();
    }

    async choose(conversation) {
        this.props.close();
        await this.props.onChosen(conversation);
    }
}
