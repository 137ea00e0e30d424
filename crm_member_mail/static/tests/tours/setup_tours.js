import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const next = ".o_setup_screen .o_setup_next:visible";

function address(email) {
    return [
        { trigger: "#member_mail_setup_email", run: `edit ${email}` },
        {
            content: "Enter continues",
            trigger: "#member_mail_setup_email",
            run: "press Enter",
        },
    ];
}

tours.add("member_mail_setup_tour", {
    steps: () => [
        { trigger: ".o-kanban-button-new", run: "click" },
        ...address("nobody"),
        { trigger: "#member_mail_setup_problem:contains(is not an email address)" },
        ...address("tour@icloud.com"),
        { trigger: ".o_setup_screen:contains(Found):contains(iCloud)" },
        { trigger: "[name=imap_password] input", run: "edit wrong" },
        { trigger: next, run: "click" },
        { trigger: ".o_setup_problem:contains(rejected the login or password)" },
        { trigger: "[name=imap_password] input", run: "edit right" },
        { trigger: next, run: "click" },
        {
            content: "What is on the server is told",
            trigger: "[name=history] .o_radio_item:contains(90):contains(34) input",
            run: "click",
        },
        { trigger: "[name=all_folder_ids] .o_data_row:contains(INBOX)" },
        { trigger: next, run: "click" },
        { trigger: ".o_setup_scan h2:contains(Done)" },
        { trigger: ".o_setup_messages" },
    ],
});

tours.add("member_mail_setup_own_tour", {
    steps: () => [
        { trigger: ".o-kanban-button-new", run: "click" },
        ...address("tour@icloud.com"),
        { trigger: "[name=imap_password] input", run: "edit right" },
        {
            content: "Whose mail it is, is not to be chosen",
            trigger: ".o_setup_screen:not(:has([name=visibility]))",
        },
        { trigger: next, run: "click" },
        { trigger: "[name=history] .o_radio_item:contains(34)" },
        { trigger: next, run: "click" },
        { trigger: ".o_setup_scan h2:contains(Done)" },
        { trigger: ".o_setup_account", run: "click" },
        { trigger: ".o_form_view:not(.o_member_mail_setup_view) [name=email]" },
    ],
});

tours.add("member_mail_setup_begin_tour", {
    steps: () => [
        { trigger: ".o-kanban-button-new", run: "click" },
        ...address("tour@icloud.com"),
        { trigger: ".o_setup_screen [name=imap_password] input" },
    ],
});

tours.add("member_mail_setup_domain_tour", {
    steps: () => [
        ...address("tour@custom.example"),
        { trigger: ".o_setup_screen:contains(imap.custom.example):contains(SRV)" },
        {
            content: "What is to be typed has the focus",
            trigger: "[name=imap_password] input:focus",
        },
        { trigger: "button[name=action_setup_by_hand]", run: "click" },
        { trigger: "[name=imap_port] input", run: "edit 143" },
        { trigger: "[name=imap_password] input", run: "edit right" },
        { trigger: next, run: "click" },
        { trigger: "[name=history] .o_radio_item:contains(34)" },
    ],
});

tours.add("member_mail_setup_manual_tour", {
    steps: () => [
        ...address("tour@nowhere.example"),
        { trigger: ".alert:contains(find the servers)" },
        { trigger: "[name=imap_host] input", run: "edit mail.nowhere.example" },
        { trigger: "[name=imap_password] input", run: "edit right" },
        { trigger: next, run: "click" },
        { trigger: "[name=history] .o_radio_item:contains(34)" },
    ],
});

tours.add("member_mail_setup_typed_tour", {
    steps: () => [
        { trigger: "#member_mail_setup_email", run: "edit tour@typed.example" },
        { trigger: ".o_setup_by_hand", run: "click" },
        { trigger: "[name=imap_host] input:focus" },
        { trigger: "[name=imap_host] input", run: "edit mail.typed.example" },
        { trigger: "button[name=action_setup_back]", run: "click" },
        { trigger: "#member_mail_setup_email:value(tour@typed.example)" },
    ],
});

tours.add("member_mail_setup_google_tour", {
    steps: () => [
        ...address("tour@gmail.com"),
        { trigger: "[name=imap_password] input" },
        {
            content: "Gmail takes both",
            trigger: ".o_setup_screen button:contains(Sign in with Google)",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Back again, with a word about why",
            trigger: ".o_setup_problem:contains(did not finish)",
        },
        { trigger: ".o_setup_screen button:contains(Use a password)", run: "click" },
        { trigger: "[name=imap_password] input:focus" },
        {
            trigger: ".o_setup_screen button:contains(Sign in with Google)",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The test runs by itself",
            trigger: "[name=history] .o_radio_item:contains(90):contains(34)",
        },
        { trigger: ".o_setup_screen [name=action_setup_back]:visible", run: "click" },
        { trigger: ".o_setup_signed_in:contains(Signed in)" },
        { trigger: ".o_setup_next:visible:contains(Test and continue)" },
    ],
});

tours.add("member_mail_setup_microsoft_tour", {
    steps: () => [
        ...address("tour@outlook.com"),
        { trigger: ".o_setup_screen:contains(Found):contains(Outlook)" },
        { trigger: ".o_setup_screen:not(:has([name=imap_password]))" },
        {
            content: "The way in has the focus",
            trigger: ".o_setup_next:focus:contains(Sign in with Microsoft)",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: "[name=history] .o_radio_item:contains(90):contains(34)" },
    ],
});

tours.add("member_mail_sign_in_again_tour", {
    steps: () => [
        { trigger: ".alert-danger:contains(Sign in again)" },
        {
            content: "What does not work is not called signed in",
            trigger: ".o_form_sheet:not(:contains(Signed in))",
        },
        {
            trigger: ".alert-danger button[name=action_remedy]",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: ".o_form_sheet:contains(Signed in)" },
        { trigger: ".o_form_view:not(:has(.alert-danger))" },
    ],
});
