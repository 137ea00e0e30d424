import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

registry.category("web_tour.tours").add("member_mail_typing_tour", {
    steps: () => [
        ...stepUtils.goToAppSteps("crm.crm_menu_root", "Open CRM"),
        {
            trigger: "[data-menu-xmlid='crm_member_mail.member_mail_message_menu']",
            run: "click",
        },
        { trigger: ".o_list_view .o_data_row:contains(Oldest)" },
        { trigger: ".o_searchview_input", run: "edit projec" },
        {
            content: "Found without Enter",
            trigger: ".o_list_view:not(:contains(Oldest)) .o_data_row:contains(Newest)",
        },
        { trigger: ".o_searchview_facet:contains(projec)" },
        { trigger: ".o_searchview_input", run: "press Escape" },
        {
            content: "Escape shows all again",
            trigger: ".o_list_view:not(:has(.o_searchview_facet)) .o_data_row:contains(Oldest)",
        },
    ],
});
