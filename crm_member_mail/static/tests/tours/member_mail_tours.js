import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";
import { frameShows } from "@crm_member_mail/../tests/tours/frame_step";

const tours = registry.category("web_tour.tours");

tours.add("member_mail_search_tour", {
    steps: () => [
        ...stepUtils.goToAppSteps("crm.crm_menu_root", "Open CRM"),
        {
            trigger: "[data-menu-xmlid='crm_member_mail.member_mail_message_menu']",
            run: "click",
        },
        { trigger: ".o_list_view .o_data_row:contains(Oldest)" },
        { trigger: ".o_searchview_input", run: "edit projector" },
        {
            content: "The text of messages is searched first",
            trigger: ".o_searchview_autocomplete .dropdown-item:first:contains(Message)",
            run: "click",
        },
        {
            trigger:
                ".o_list_view:not(:contains(Oldest)) .o_data_row:contains(Newest) td[name=subject]",
            run: "click",
        },
        frameShows("Hello from the newest"),
        { trigger: ".o_member_mail_more", run: "click" },
        { trigger: ".o_member_mail_menu [data-action=delete]", run: "click" },
        { trigger: ".modal .btn-danger:contains(Delete)", run: "click" },
        {
            content: "Back in the list, which found nothing else",
            trigger: ".o_list_view:not(:contains(Newest))",
        },
        { trigger: ".o_notification button:contains(Undo)", run: "click" },
        { content: "There again", trigger: ".o_list_view .o_data_row:contains(Newest)" },
    ],
});

tours.add("member_mail_account_tour", {
    steps: () => [
        ...stepUtils.goToAppSteps("crm.crm_menu_root", "Open CRM"),
        {
            trigger: "[data-menu-xmlid='crm.crm_menu_config']",
            run: "click",
        },
        {
            trigger: "[data-menu-xmlid='crm_member_mail.member_mail_account_menu']",
            run: "click",
        },
        { trigger: ".o_breadcrumb:contains(Email Accounts)" },
        {
            content: "The list leads to the whole form",
            // The pipeline, which is left only now, has such a button, too.
            trigger: ".o_control_panel:contains(Email Accounts) .o_switch_view.o_list",
            run: "click",
        },
        {
            trigger: ".o_control_panel:contains(Email Accounts) .o_list_button_add",
            run: "click",
        },
        {
            content: "The address brings the rest",
            trigger: ".o_field_widget[name=email] input",
            run: "edit tour@icloud.com && press Tab",
        },
        { trigger: ".o_field_widget[name=provider_id] input:value(iCloud)" },
        { trigger: ".o_field_widget[name=imap_host] input:value(imap.mail.me.com)" },
        { trigger: ".o_field_widget[name=smtp_port] input:value(587)" },
        { trigger: ".o_member_mail_provider_help:contains(app-specific password)" },
        { trigger: ".o_field_widget[name=name] input", run: "edit Tour" },
        { trigger: ".o_field_widget[name=imap_password] input", run: "edit tour-secret" },
        ...stepUtils.saveForm(),
        {
            content: "The password is stored, and nobody gets it back",
            trigger: ".o_group:contains(Incoming server) span:contains(Stored)",
        },
        {
            trigger: ".o_field_widget[name=imap_password] input",
            run({ anchor }) {
                if (anchor.value) {
                    throw new Error("The form shows the password.");
                }
            },
        },
    ],
});

tours.add("member_mail_audit_tour", {
    steps: () => [
        { trigger: ".o_switch_view.o_list", run: "click" },
        { trigger: ".o_list_view .o_data_row:contains(Private) td[name=email]", run: "click" },
        { trigger: ".o_form_view .oe_stat_button:contains(Access log)", run: "click" },
        {
            content: "That of this mailbox, with the email for its owner",
            trigger: ".o_list_view .o_data_row:contains(Opened):contains(Salary)",
        },
        { trigger: ".o_searchview_facet:contains(Private)" },
        { trigger: ".o_list_view:not(:contains(Other one))" },
    ],
});
