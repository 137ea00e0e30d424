import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

const tours = registry.category("web_tour.tours");

tours.add("member_mail_address_tour", {
    steps: () => [
        {
            content: "One more address",
            trigger: "[name=member_mail_addresses] input",
            run: "edit ada@home.example, Ada <ada@work.example>",
        },
        ...stepUtils.saveForm(),
    ],
});

tours.add("member_mail_exclusion_tour", {
    steps: () => [
        { trigger: ".o_list_button_add", run: "click" },
        {
            content: "A domain",
            trigger: "[name=pattern] input",
            run: "edit member.example && press Tab",
        },
        {
            content: "It says what is filed already",
            trigger: "[name=filed_count]:contains(1)",
        },
        { trigger: "[name=remove_filed] input", run: "click" },
        ...stepUtils.saveForm(),
        { content: "Nothing is left", trigger: "[name=filed_count]:contains(0)" },
    ],
});
