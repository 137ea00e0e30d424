import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { printing } from "@crm_member_mail/message_viewer/print";
import { frameShows } from "@crm_member_mail/../tests/tours/frame_step";

const tours = registry.category("web_tour.tours");

const TAB = { content: "The Messages tab", trigger: "a[name=member_mail_messages]", run: "click" };

function row(subject) {
    return `.o_member_mail_row:has(.o_member_mail_subject:contains("${subject}"))`;
}

const CLOSED = { trigger: "body:not(:has(.modal))" };

tours.add("member_mail_contact_tour", {
    steps: () => [
        {
            content: "Nothing is drawn before the tab is open",
            trigger: ".o_form_view:not(:has(.o_member_mail_tab))",
        },
        TAB,
        { trigger: ".o_member_mail_summary:contains(2 messages)" },
        {
            content: "Unfold the newest conversation",
            trigger: `.o_member_mail_conversation:first ${row("Newest")}`,
            run: "click",
        },
        {
            trigger:
                ".o_member_mail_message_open .o_member_mail_address:contains(ada@member.example)",
        },
        { trigger: ".o_member_mail_message_open .o_member_mail_chip:contains(plan.txt)" },
        frameShows("Hello from the newest"),
        {
            content: "Images wait for a click",
            trigger: ".o_member_mail_show_images",
            run: "click",
        },
        { trigger: ".o_member_mail_body:not(:has(.o_member_mail_blocked))" },
        { content: "Who it went to", trigger: ".o_member_mail_people_toggle", run: "click" },
        { trigger: ".o_member_mail_participants dd:contains(Front desk)" },
        {
            content: "Print",
            trigger: ".o_member_mail_more",
            run(helpers) {
                printing.print = (frame) => {
                    document.body.dataset.printed = frame.document.body.innerText;
                };
                return helpers.click();
            },
        },
        { trigger: ".o_member_mail_menu [data-action=print]", run: "click" },
        {
            content: "Printed with its subject and text",
            trigger: "body[data-printed*=Newest][data-printed*='Hello from the newest']",
        },
        { trigger: ".o_member_mail_more", run: "click" },
        { trigger: ".o_member_mail_menu [data-action=headers]", run: "click" },
        { trigger: ".modal .o_member_mail_headers:contains(X-Mailer: Test)" },
        { trigger: ".modal footer .btn-primary", run: "click" },
        CLOSED,
        { content: "Delete", trigger: ".o_member_mail_more", run: "click" },
        { trigger: ".o_member_mail_menu [data-action=delete]", run: "click" },
        {
            content: "Not without asking, and it says what happens",
            trigger:
                ".modal:contains(Delete this message?):contains(stay in the mailbox) button:contains(Cancel)",
            run: "click",
        },
        CLOSED,
        { trigger: ".o_member_mail_more", run: "click" },
        { trigger: ".o_member_mail_menu [data-action=delete]", run: "click" },
        { content: "Now really", trigger: ".modal .btn-danger:contains(Delete)", run: "click" },
        { trigger: `.o_member_mail_list:not(:has(.o_member_mail_subject:contains(Newest)))` },
        {
            content: "Or rather not",
            trigger: ".o_notification:contains(deleted) button:contains(Undo)",
            run: "click",
        },
        CLOSED,
        { trigger: row("Newest"), run: "click" },
        { trigger: ".o_member_mail_more", run: "click" },
        { trigger: ".o_member_mail_menu [data-action=delete]", run: "click" },
        { trigger: ".modal .btn-danger:contains(Delete)", run: "click" },
        {
            content: "The other conversation is left",
            trigger: `.o_member_mail_list:not(:contains(Newest)) ${row("Oldest")}`,
        },
        { trigger: ".o_member_mail_summary:contains(/^1 message$/)" },
    ],
});

tours.add("member_mail_tab_paging_tour", {
    steps: () => [
        TAB,
        { trigger: ".o_member_mail_summary:contains(70 messages)" },
        {
            content: "The first page, and the next one when one scrolls there",
            trigger: ".o_member_mail_list",
            run({ anchor }) {
                const rows = anchor.querySelectorAll(".o_member_mail_row").length;
                if (rows !== 30) {
                    throw new Error(`${rows} conversations instead of a page`);
                }
            },
        },
        ...[60, 70].map((count) => ({
            trigger: ".o_member_mail_end",
            run({ anchor }) {
                anchor.scrollIntoView();
                return new Promise((resolve) => {
                    const observer = new MutationObserver(() => {
                        if (document.querySelectorAll(".o_member_mail_row").length === count) {
                            observer.disconnect();
                            resolve();
                        }
                    });
                    observer.observe(document.body, { childList: true, subtree: true });
                });
            },
        })),
        { trigger: ".o_member_mail_tab:not(:has(.o_member_mail_end))" },
        { trigger: `.o_member_mail_conversation:last ${row("Number 0")}` },
    ],
});

tours.add("member_mail_tab_search_tour", {
    steps: () => [
        TAB,
        { trigger: row("Oldest") },
        {
            content: "Results while one types",
            trigger: ".o_member_mail_search input",
            run: "edit projec",
        },
        { trigger: `.o_member_mail_list:not(:contains(Oldest)) ${row("Newest")}`, run: "click" },
        frameShows("Hello from the newest"),
        { trigger: ".o_member_mail_search input", run: "edit nothing of the kind" },
        { trigger: ".o_member_mail_nothing button", run: "click" },
        {
            content: "Each message by itself",
            trigger: `.o_member_mail_list:has(${row("Oldest")})`,
        },
        { trigger: ".o_member_mail_flat", run: "click" },
        { trigger: ".o_member_mail_flat.active" },
        {
            trigger: ".o_member_mail_list",
            run() {
                browser.localStorage.removeItem("crm_member_mail.flat");
            },
        },
    ],
});

tours.add("member_mail_tab_lead_tour", {
    steps: () => [
        {
            content: "The button counts the lead's messages",
            trigger: ".oe_stat_button[name=action_view_member_mail]:contains(1)",
        },
        TAB,
        { trigger: row("For the lead"), run: "click" },
        { trigger: ".o_member_mail_message_open .o_member_mail_address:contains(lea@new.example)" },
        { trigger: ".o_member_mail_more", run: "click" },
        { content: "As a note", trigger: ".o_member_mail_menu [data-action=log]", run: "click" },
        { trigger: ".o-mail-Message:contains(For the lead)" },
        { trigger: ".o_member_mail_more", run: "click" },
        {
            content: "A new opportunity",
            trigger: ".o_member_mail_menu [data-action=create_lead]",
            run: "click",
        },
        { trigger: ".o_form_view [name=name] textarea:value(For the lead)" },
        {
            content: "It leads back to the message",
            trigger: ".oe_stat_button[name=action_view_member_mail_source]",
            run: "click",
        },
        { trigger: ".o_form_view h2:contains(For the lead)" },
    ],
});

tours.add("member_mail_tab_narrow_tour", {
    steps: () => [
        TAB,
        { trigger: row("Newest"), run: "click" },
        frameShows("Hello from the newest"),
        {
            content: "Date and time, where no mouse shows tooltips",
            trigger: ".o_member_mail_message_open .o_member_mail_date",
            run({ anchor }) {
                if (!/, 20\d\d, \d+:\d\d/.test(anchor.textContent)) {
                    throw new Error(`"${anchor.textContent}" is no date with its time`);
                }
            },
        },
        {
            content: "Nothing is wider than the window",
            trigger: ".o_member_mail_tab",
            run({ anchor }) {
                for (const element of anchor.querySelectorAll("*")) {
                    const { right, left, width } = element.getBoundingClientRect();
                    if (width && (right > window.innerWidth + 1 || left < -1)) {
                        throw new Error(`${element.className || element.tagName} sticks out`);
                    }
                }
            },
        },
        { trigger: ".o_member_mail_more", run: "click" },
        { trigger: ".o_member_mail_menu [data-action=reply]", run: "click" },
        { content: "All of the screen", trigger: ".o_modal_full .o_member_mail_composer" },
        { trigger: ".o_modal_full .oi-arrow-left, .o_modal_full .btn-close", run: "click" },
        CLOSED,
    ],
});
