import { Component, onMounted } from "@odoo/owl";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { nameOfKey } from "./keys_dialog";
import { messageActions } from "./message_actions";
import { prepareComposer } from "./reply";

/** Buttons and the menu "⋮" with the actions on a message, see `message_actions`. */
export class MessageMenu extends Component {
    static template = "crm_member_mail.MessageMenu";
    static components = { Dropdown, DropdownItem };
    static props = {
        /** The context of `message_actions`, without the services. */
        context: Object,
    };

    setup() {
        onMounted(prepareComposer);
    }

    get context() {
        return { ...this.props.context, services: this.env.services };
    }

    get actions() {
        const context = this.context;
        let group;
        return messageActions
            .getEntries()
            .map(([name, action]) => ({ name, ...action }))
            .filter((action) => action.isShown?.(context) ?? true)
            .map((action) => {
                const startsGroup = Boolean(group && group !== action.group);
                group = action.group;
                return { ...action, startsGroup };
            });
    }

    get primaryActions() {
        return this.actions.filter((action) => action.isPrimary);
    }

    titleOf({ label, key }) {
        return key && `${label} (${nameOfKey(key)})`;
    }

    run(action) {
        return action.run(this.context);
    }
}
