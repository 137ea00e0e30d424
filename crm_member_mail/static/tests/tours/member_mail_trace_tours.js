import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

tours.add("member_mail_trace_tour", {
    steps: () => [
        {
            content: "The page Incoming says whether everything is there",
            trigger: "[name=accounted]:contains(3 of 3 accounted for)",
        },
        { content: "Check again", trigger: "button[name=action_check]", run: "click" },
        { trigger: ".o_notification:contains(with what is filed)" },
        { trigger: "span:contains(Checking)" },
        {
            content: "Look for an email",
            trigger: "button:contains(Where is my mail?)",
            run: "click",
        },
        { trigger: ".modal [name=query] input", run: "edit waiting list" },
        { trigger: ".modal button[name=action_search]", run: "click" },
        {
            content: "From somebody who is no contact",
            trigger: ".modal .badge:contains(No contact)",
        },
        {
            content: "The address that was looked for",
            trigger: ".modal td[name=explanation]:contains(somebody@else.example)",
        },
        {
            content: "The remedy",
            trigger: ".modal button[name=action_fix]:contains(Create contact)",
            run: "click",
        },
        {
            content: "A new contact with this address",
            trigger: ".o_form_view [name=email] input:value(somebody@else.example)",
        },
    ],
});

tours.add("member_mail_failure_tour", {
    steps: () => [
        {
            content: "The account counts what could not be filed",
            trigger: ".oe_stat_button:contains(Not filed)",
            run: "click",
        },
        {
            content: "What went wrong",
            trigger: ".o_data_row td[name=error]:contains(The parser gave up)",
            run: "click",
        },
        { content: "Try it again", trigger: "button[name=action_retry]", run: "click" },
        { content: "Or never again", trigger: "button[name=action_ignore]", run: "click" },
        { trigger: ".o_statusbar_status .o_arrow_button_current:contains(Ignored)" },
    ],
});
