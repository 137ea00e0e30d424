import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("member_mail_privacy_lookup_tour", {
    steps: () => [
        { trigger: ".o_cp_action_menus button:has(.fa-cog)", run: "click" },
        { trigger: '.o-dropdown-item:contains("Privacy Lookup")', run: "click" },
        { trigger: "button[name=action_lookup]", run: "click" },
        { trigger: ".o_list_view .o_group_name:contains(Email Message)" },
        { trigger: ".o_back_button", run: "click" },
        { trigger: "button[name=action_erase_member_mail]", run: "click" },
        { trigger: ".modal [name=message_count]:contains(1)" },
        { trigger: ".modal [name=action_erase]", run: "click" },
        {
            trigger: ".modal:contains(permanently) button:contains(Erase).btn-primary:not([name])",
            run: "click",
        },
        { trigger: ".o_form_view [name=remains]:contains(left: 0)" },
    ],
});
