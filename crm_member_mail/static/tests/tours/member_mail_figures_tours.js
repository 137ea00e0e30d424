import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

const tours = registry.category("web_tour.tours");

const switchTo = (view) => ({
    content: `Switch to the ${view}`,
    trigger: `button.o_switch_view.o_${view}`,
    run: "click",
});

const openFilters = { trigger: ".o_searchview_dropdown_toggler", run: "click" };

const filter = (name) => ({
    content: `Filter: ${name}`,
    trigger: `.o_filter_menu .o_menu_item:contains(${name})`,
    run: "click",
});

tours.add("member_mail_last_dates_tour", {
    steps: () => [
        switchTo("list"),
        {
            content: "The list has been read: while it is, what one types may be lost",
            trigger: ".o_list_view .o_data_row",
        },
        { trigger: ".o_searchview_input", run: "edit Mailed Tour" },
        // Enter chooses from these; before they are there it does nothing.
        { trigger: ".o_searchview_autocomplete .o-dropdown-item:contains(Mailed Tour)" },
        { trigger: ".o_searchview_input", run: "press Enter" },
        {
            content: "The day, as in the Messages tab",
            trigger:
                ".o_list_view .o_data_row:contains(Ada Mailed Tour) [name=member_mail_last_date]:contains(/[a-z]{3} \\d/i)",
        },
        {
            content: "The list shows what was searched for, and nothing else",
            trigger: ".o_list_view:not(:has(.o_data_row:not(:contains(Mailed Tour))))",
        },
        { trigger: "th[data-name=member_mail_last_date]", run: "click" },
        { trigger: "th[data-name=member_mail_last_date].table-active" },
        {
            content: "Contacts without email are last, either way",
            trigger:
                ".o_data_row:contains(Ada Mailed Tour) + .o_data_row:contains(Never Mailed Tour)",
        },
        { trigger: "th[data-name=member_mail_last_date].table-active", run: "click" },
        {
            trigger:
                ".o_data_row:contains(Ada Mailed Tour) + .o_data_row:contains(Never Mailed Tour)",
        },
        openFilters,
        filter("Not emailed lately"),
        {
            trigger:
                ".o_list_view:not(:contains(Never Mailed Tour)) .o_data_row:contains(Ada Mailed Tour)",
        },
        filter("Not emailed lately"),
        filter("No email yet"),
        {
            trigger:
                ".o_list_view:not(:contains(Ada Mailed Tour)) .o_data_row:contains(Never Mailed Tour)",
        },
        filter("No email yet"),
        filter("Awaiting reply"),
        {
            trigger:
                ".o_list_view:not(:contains(Never Mailed Tour)) .o_data_row:contains(Ada Mailed Tour)",
        },
        switchTo("kanban"),
        {
            trigger:
                ".o_kanban_record:contains(Ada Mailed Tour) .o_member_mail_last_date:contains(/[a-z]{3} \\d/i)",
        },
    ],
});

tours.add("member_mail_outsider_tour", {
    steps: () => [
        switchTo("list"),
        { trigger: ".o_list_view:not(:has([data-name=member_mail_last_date])) .o_data_row" },
        openFilters,
        {
            trigger: ".o_filter_menu:not(:contains(No email yet)) .o_menu_item:contains(Companies)",
            run: "click",
        },
        switchTo("kanban"),
        { trigger: ".o_kanban_view:not(:has(.o_member_mail_last_date))" },
    ],
});

tours.add("member_mail_reports_tour", {
    steps: () => [
        ...stepUtils.goToAppSteps("crm.crm_menu_root", "Open CRM"),
        { trigger: "[data-menu-xmlid='crm.crm_menu_report']", run: "click" },
        {
            trigger: "[data-menu-xmlid='crm_member_mail.member_mail_message_report_menu']",
            run: "click",
        },
        { trigger: ".o_graph_view canvas" },
        switchTo("pivot"),
        { trigger: ".o_pivot_view th:contains(Hours to first reply)" },
        { trigger: ".o_pivot_view th:contains(Count)" },
        { trigger: ".o_pivot_view td:contains(0.5)" },
        switchTo("calendar"),
        {
            trigger: ".o_calendar_view .fc-event:contains(Ada Member: Today's question)",
            run: "click",
        },
        { trigger: ".o_cw_popover:contains(Received)" },
        { trigger: ".o_cw_popover .o_cw_popover_edit:contains(View)", run: "click" },
        { trigger: ".modal h2:contains(Today's question)" },
        { trigger: ".modal .btn-close", run: "click" },
        { trigger: "body:not(:has(.modal))" },
        switchTo("list"),
        { trigger: ".o_list_view .o_data_row:contains(Today's question)" },
        openFilters,
        filter("Unanswered"),
        { trigger: ".o_list_view:not(:contains(Today's question))" },
    ],
});
