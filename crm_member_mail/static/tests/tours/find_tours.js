import { registry } from "@web/core/registry";
import { frameShows } from "@crm_member_mail/../tests/tours/frame_step";

const tours = registry.category("web_tour.tours");

const TAB = { content: "The Messages tab", trigger: "a[name=member_mail_messages]", run: "click" };
const SEARCH = ".o_member_mail_search input";
const RECIPIENT = ".modal .o_member_mail_tags input";
const SENT = { trigger: "body:not(:has(.modal)) .o_member_mail_sent" };

function row(subject) {
    return `.o_member_mail_row:has(.o_member_mail_subject:contains("${subject}"))`;
}

/** Steps that may not take more clicks and keys than that; what is typed does not count. */
function within(most, steps) {
    const taken = steps.filter(({ run }) => typeof run === "string" && /^(click|press)/.test(run));
    if (taken.length > most) {
        throw new Error(`These are ${taken.length} clicks and keys, not ${most}.`);
    }
    return steps;
}

/** Keys go to what has the focus. */
function press(key, content) {
    return { content, trigger: "body", run: `press ${key}` };
}

tours.add("member_mail_find_tour", {
    steps: () => [
        ...within(3, [
            TAB,
            { content: "The PDF of October", trigger: SEARCH, run: "click" },
            { trigger: SEARCH, run: "edit pdf from:ada in:2026-10" },
            {
                content: "It alone is found, and says why",
                trigger: `.o_member_mail_list:not(:has(${row("Later")})) ${row("Season")}`,
            },
            { trigger: ".o_member_mail_who mark:contains(Ada)" },
            { trigger: row("Season"), run: "click" },
            { trigger: ".o_member_mail_message_open .o_member_mail_chip:contains(plan.pdf)" },
        ]),
        { trigger: SEARCH, run: "edit begin" },
        {
            trigger: `.o_member_mail_list:not(:has(mark)):not(:has(${row("Later")})) ${row("Season")}`,
            run: "click",
        },
        frameShows("When does it <mark>begin</mark>"),
        { trigger: SEARCH, run: "edit has:cheese" },
        { trigger: ".o_member_mail_hint:contains(has:cheese):contains(has:file)" },
        { trigger: SEARCH, run: "edit" },
        { trigger: ".o_member_mail_tab:not(:has(.o_member_mail_hint p))" },
        ...within(2, [
            TAB,
            { content: "All files", trigger: ".o_member_mail_show_files", run: "click" },
            { trigger: ".o_member_mail_files_summary:contains(3 files)" },
            { trigger: ".o_member_mail_listed_file:contains(notes.txt):contains(Ada)" },
        ]),
        { trigger: SEARCH, run: "edit pdf in:2026-10" },
        { trigger: ".o_member_mail_files_summary:contains(1 file)" },
        {
            content: "Odoo's viewer",
            trigger: ".o_member_mail_listed_name:contains(plan.pdf)",
            run: "click",
        },
        { trigger: ".o-FileViewer [aria-label=Close], .o-FileViewer .oi-close", run: "click" },
        ...within(4, [
            TAB,
            { trigger: ".o_member_mail_show_files", run: "click" },
            { trigger: ".o_member_mail_listed_forward", run: "click" },
            { trigger: ".modal:contains(plan.pdf):not(:contains(notes.txt))" },
            { trigger: RECIPIENT, run: "edit colleague@club.example" },
            { trigger: ".modal .o_member_mail_send:visible", run: "click" },
            SENT,
        ]),
        { content: "A period", trigger: ".o_member_mail_dates", run: "click" },
        { trigger: ".o_datetime_picker .o_today", run: "click" },
        { trigger: ".o_datetime_picker .o_today", run: "click" },
        { trigger: `${SEARCH}:value(after:)` },
        ...within(2, [
            // and one more to search
            { trigger: "[aria-label='Show conversations']", run: "click" },
            { trigger: SEARCH, run: "edit zeppelin" },
            {
                content: "Why is it missing?",
                trigger: ".o_member_mail_missing",
                run: "click",
            },
            { trigger: ".modal [name=query] input:value(zeppelin)" },
        ]),
    ],
});

tours.add("member_mail_find_keys_tour", {
    steps: () => [
        {
            trigger: "a[name=member_mail_messages]",
            run({ anchor }) {
                anchor.focus();
            },
        },
        ...within(4, [
            press("Enter", "The Messages tab"),
            { trigger: row("Season") },
            press("l", "All files"),
            { trigger: ".o_member_mail_listed_name:focus:contains(later.pdf)" },
            press("f", "Forward it"),
            { trigger: ".modal:contains(later.pdf):not(:contains(plan.pdf))" },
            { trigger: RECIPIENT, run: "edit colleague@club.example" },
            press("Control+Enter", "Send"),
            SENT,
        ]),
    ],
});

/** The list of all messages and the form that is opened from it. */
tours.add("member_mail_find_form_tour", {
    steps: () => {
        const search = ".o_searchview_input";
        const isSmall = window.innerWidth < 768;
        const found = isSmall ? ".o_kanban_record" : ".o_data_row";
        return [
            ...(isSmall
                ? [{ trigger: ".o_control_panel button:has(.fa-search)", run: "click" }]
                : []),
            { trigger: search, run: "edit in:nowhere" },
            { trigger: ".o_member_mail_hint:contains(in:nowhere):contains(in:sent)" },
            { trigger: search, run: "edit season begin from:ada" },
            { trigger: ".o_content:not(:contains(Later)):not(:contains(in:nowhere))" },
            { trigger: `${found} mark:contains(Season)`, run: "click" },
            { trigger: ".o_form_view h2 mark:contains(Season)" },
            { trigger: ".o_form_view .o_member_mail_participants mark:contains(Ada)" },
            frameShows("When does it <mark>begin</mark>"),
        ];
    },
});

/** The form that is opened from the list of files. */
tours.add("member_mail_find_file_tour", {
    steps: () => [
        TAB,
        { trigger: ".o_member_mail_show_files", run: "click" },
        { trigger: SEARCH, run: "edit season" },
        { trigger: ".o_member_mail_files_summary:contains(2 files)" },
        { trigger: ".o_member_mail_listed_subject:contains(Season)", run: "click" },
        { trigger: ".o_form_view h2 mark:contains(Season)" },
    ],
});
