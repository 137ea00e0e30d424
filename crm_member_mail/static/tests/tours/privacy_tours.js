import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

/** Where the browser was sent to download something. */
const opened = [];

function action(name) {
    return [
        { trigger: ".o_cp_action_menus button:has(.fa-cog)", run: "click" },
        { trigger: `.o-dropdown-item:contains("${name}")`, run: "click" },
    ];
}

function download(type) {
    return [
        {
            content: "Note where the file is, instead of opening a window",
            trigger: ".modal [name=action_download]",
            run(helpers) {
                browser.open = (url) => opened.push(url) && window;
                return helpers.click();
            },
        },
        { trigger: "body:not(:has(.modal))" },
        {
            content: "The file is there",
            trigger: "body",
            async run() {
                const answer = await fetch(opened.pop());
                const found = answer.headers.get("Content-Type");
                if (!answer.ok || found !== type || !(await answer.arrayBuffer()).byteLength) {
                    throw new Error(`The download failed: ${answer.status}, ${found}`);
                }
            },
        },
    ];
}

tours.add("member_mail_export_tour", {
    steps: () => [
        { trigger: "a[name=member_mail_messages]", run: "click" },
        { trigger: ".o_member_mail_export", run: "click" },
        { trigger: ".modal [name=message_count]:contains(2)" },
        ...download("application/zip"),
        ...action("Export emails"),
        { trigger: ".modal [name=format] .o_radio_item:contains(mbox) input", run: "click" },
        ...download("application/mbox"),
    ],
});

tours.add("member_mail_erasure_tour", {
    steps: () => [
        ...action("Erase emails"),
        { trigger: ".modal [name=message_count]:contains(2)" },
        { trigger: ".modal .alert:contains(The mail servers keep their copies)" },
        { trigger: ".modal [name=keep_shared] .o_radio_item:contains(Keep) input", run: "click" },
        { trigger: ".modal [name=action_erase]", run: "click" },
        {
            content: "It asks once more",
            trigger: ".modal:contains(permanently) button:contains(Erase).btn-primary:not([name])",
            run: "click",
        },
        { trigger: ".o_form_view [name=remains]:contains(left: 0)" },
        { trigger: ".alert-success:contains(None of the person's emails are left)" },
    ],
});
