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

const DISCARD = {
    content: "Odoo asks first",
    trigger: ".modal .btn-primary:contains(Discard)",
    run: "click",
};

tours.add("member_mail_setup_typed_tour", {
    steps: () => [
        { trigger: ".o-kanban-button-new", run: "click" },
        ...address("a@b"),
        { trigger: "#member_mail_setup_problem:contains(not a complete email address)" },
        { content: "Go on typing", trigger: "#member_mail_setup_email:focus" },
        { trigger: "#member_mail_setup_email", run: "edit tour@gmial.com" },
        { trigger: ".o_setup_by_hand", run: "click" },
        { trigger: ".o_setup_meant:contains(Did you mean tour@gmail.com?)" },
        { trigger: ".o_setup_meant button:contains(No, keep tour@gmial.com)", run: "click" },
        {
            content: "Without servers, one can go back",
            trigger: "[name=imap_host] input:focus",
        },
        { trigger: "button[name=action_setup_back]:visible", run: "click" },
        {
            trigger: "#member_mail_setup_email:value(tour@gmial.com)",
            run: "edit tour@typed.example",
        },
        { trigger: ".o_setup_by_hand", run: "click" },
        { trigger: "[name=imap_host] input", run: "edit mail.typed.example" },
        {
            content: "What has been typed stays",
            trigger: "button[name=action_setup_back]:visible",
            run: "click",
        },
        { trigger: "#member_mail_setup_email:value(tour@typed.example)" },
        { trigger: ".o_setup_by_hand", run: "click" },
        { trigger: "[name=imap_host] input:value(mail.typed.example)" },
        { trigger: "button[name=action_setup_back]:visible", run: "click" },
        ...address("tour@gmail.con"),
        {
            content: "Enter says yes",
            trigger: ".o_setup_meant .o_setup_next:focus",
            run: "press Enter",
        },
        { trigger: ".o_setup_screen:contains(Found):contains(Gmail)" },
        { trigger: "[name=imap_password] input:visible", run: "edit wrong" },
        { trigger: "button[name=action_setup_discard]:visible", run: "click" },
        DISCARD,
        { trigger: ".o_kanban_record:contains(left@club.example) button:contains(Finish set-up)" },
        { trigger: ".o_kanban_renderer:not(:contains(tour@))" },
        { trigger: ".o_kanban_record button:contains(Discard)", run: "click" },
        DISCARD,
        { trigger: ".o_kanban_renderer:not(:contains(left@))" },
    ],
});

/** What people do beside typing: pointers pressed, and keys other than those of the text. */
const done = { clicks: 0, keys: 0 };
const COUNTED = ["Enter", "Tab", "Escape", " ", "c", "ArrowDown", "ArrowUp"];
const count = {
    begin() {
        Object.assign(done, { clicks: 0, keys: 0 });
        document.addEventListener("pointerdown", count.click, true);
        document.addEventListener("keydown", count.key, true);
    },
    click: () => done.clicks++,
    key: ({ key }) => (done.keys += COUNTED.includes(key)),
    end(clicks, keys) {
        document.removeEventListener("pointerdown", count.click, true);
        document.removeEventListener("keydown", count.key, true);
        if (done.clicks !== clicks || done.keys !== keys) {
            throw new Error(`${done.clicks} clicks and ${done.keys} keys`);
        }
    },
};

/** Type into what has the focus already. */
function typed(selector, text) {
    return {
        trigger: `${selector}:focus`,
        run() {
            this.anchor.value = text;
            for (const name of ["input", "change"]) {
                this.anchor.dispatchEvent(new Event(name, { bubbles: true }));
            }
        },
    };
}

/** From the board to the first scan. */
function setUp(email, begin, goOn, clicks, keys) {
    return [
        {
            content: "The board",
            trigger: ".o_member_mail_dashboard .o_kanban_renderer",
            run() {
                count.begin();
            },
        },
        { trigger: ".o-kanban-button-new", run: begin },
        typed("#member_mail_setup_email", email),
        goOn("#member_mail_setup_email"),
        typed("[name=imap_password] input", "right"),
        goOn("[name=imap_password] input"),
        { trigger: "[name=history] .o_radio_item:contains(34)" },
        goOn("[name=history] input:checked"),
        {
            trigger: ".o_setup_scan h2:contains(Done)",
            run() {
                count.end(clicks, keys);
            },
        },
    ];
}

tours.add("member_mail_setup_counted_tour", {
    steps: () => [
        ...setUp("tour@me.com", "click", () => ({ trigger: next, run: "click" }), 4, 0),
        {
            trigger: ".o_setup_scan",
            run: () =>
                odoo.__WOWL_DEBUG__.root.env.services.action.doAction(
                    "crm_member_mail.action_account",
                    { clearBreadcrumbs: true }
                ),
        },
        ...setUp(
            "tour@mac.com",
            "press alt+c",
            (selector) => ({ trigger: `${selector}:focus`, run: "press Enter" }),
            0,
            4
        ),
    ],
});

tours.add("member_mail_setup_google_tour", {
    steps: () => [
        ...address("tour@gmail.com"),
        {
            content: "Gmail takes both, and prefers this one",
            trigger: ".o_setup_next.btn-primary:focus:contains(Sign in with Google)",
        },
        { trigger: ".o_setup_screen button.btn-link:contains(Use a password)" },
        {
            trigger: ".o_setup_next:focus",
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
