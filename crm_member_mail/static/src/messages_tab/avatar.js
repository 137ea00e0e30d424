import { Component } from "@odoo/owl";
import { imageUrl } from "@web/core/utils/urls";

/** The picture of a contact, or the first letter of someone who isn't one. */
export class Avatar extends Component {
    static template = "crm_member_mail.Avatar";
    static props = {
        /** With name, email and partner_id (a number, or false). */
        person: Object,
    };

    get url() {
        const { partner_id } = this.props.person;
        return partner_id && imageUrl("res.partner", partner_id, "avatar_128");
    }

    get letter() {
        const text = this.props.person.name || this.props.person.email;
        return (/\p{L}|\p{N}/u.exec(text)?.[0] || "?").toUpperCase();
    }

    /** One of eight hues, the same for the same address each time. */
    get hue() {
        let sum = 0;
        for (const letter of this.props.person.email) {
            sum += letter.codePointAt(0);
        }
        return (sum % 8) * 45;
    }
}
