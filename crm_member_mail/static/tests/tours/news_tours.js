import { waitUntil } from "@odoo/hoot-dom";
import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

const MENU = ".o_menu_systray i[aria-label='Messages']";
const OPEN_MENU = { content: "The notification area", trigger: MENU, run: "click" };

function entry(name, text) {
    return `.o-mail-NotificationItem:contains("${name}"):contains("${text}")`;
}

function counted() {
    return Number(document.querySelector(".o-mail-MessagingMenu-counter")?.textContent || 0);
}

/** The counter says that some of the emails have been read. It counts more than emails. */
function countsLess(number) {
    return {
        content: `${number} read`,
        trigger: MENU,
        run: () => waitUntil(() => counted() === begin - number, { timeout: 10_000 }),
    };
}

let begin;
const BEGIN = {
    content: "New emails",
    trigger: entry("Ben", "Price"),
    run() {
        begin = counted();
    },
};

const UNFOLDED = {
    trigger: ".o_form_view .o_member_mail_open:contains(Price) .o_member_mail_body",
};

tours.add("member_mail_news_link_tour", {
    steps: () => [
        { content: "The link in a notification", ...UNFOLDED },
        { trigger: ".o_form_view:contains(Ben)" },
    ],
});

tours.add("member_mail_news_tour", {
    steps: () => [
        OPEN_MENU,
        BEGIN,
        {
            content: "Several open the Messages tab, whose title counts them",
            trigger: entry("Ada Member", "2 new emails"),
            run: "click",
        },
        { trigger: "a.active[name=member_mail_messages]:contains('Messages (2)')" },
        { trigger: ".oe_stat_button .o_member_mail_unread_count:contains(2)" },
        {
            content: "What is read here is gone there",
            trigger: ".o_member_mail_row:contains(Season)",
            run: "click",
        },
        { trigger: "a[name=member_mail_messages]:contains('Messages (1)')" },
        countsLess(1),
        OPEN_MENU,
        {
            content: "One opens in its conversation",
            trigger: entry("Ben", "Price"),
            run: "click",
        },
        UNFOLDED,
        countsLess(2),
        OPEN_MENU,
        { content: "The tick", trigger: entry("Ada Member", "Hall"), run: "hover" },
        { trigger: ".o-mail-NotificationItem [title='Mark As Read']", run: "click" },
        countsLess(3),
    ],
});

tours.add("member_mail_news_phone_tour", {
    steps: () => [
        OPEN_MENU,
        BEGIN,
        { trigger: entry("Ben", "Price"), run: "click" },
        UNFOLDED,
        countsLess(1),
    ],
});
