import { Component } from "@odoo/owl";

/** What a mail server said, folded: it is for whoever looks after the mailbox. */
export class ServerWords extends Component {
    static template = "crm_member_mail.ServerWords";
    static props = {
        /** On as many lines as need be; "" shows nothing. */
        words: String,
    };
}
