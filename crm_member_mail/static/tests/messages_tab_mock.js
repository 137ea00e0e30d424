import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { beforeEach, expect } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { mockDate } from "@odoo/hoot-mock";
import { Component, xml } from "@odoo/owl";
import { mountWithCleanup, onRpc, patchWithCleanup } from "@web/../tests/web_test_helpers";
import { MessageCard } from "@crm_member_mail/messages_tab/message_card";
import { MessagesTab } from "@crm_member_mail/messages_tab/messages_tab";

export const ADA = { role: "from", name: "Ada", email: "ada@member.example", partner_id: 7 };
export const DESK = { role: "to", name: "Desk", email: "desk@club.example", partner_id: false };

/**
 * What the server has: `mailbox`, a list of messages, oldest first; `drafts`, and those that were `discarded`
 * and `opened`; `trash`, and the `calls` of methods of messages.
 */
export const tab = {};

export function message(id, values = {}) {
    return {
        id,
        conversation_id: id,
        subject: `Subject ${id}`,
        date: `2026-02-${String(1 + (id % 28)).padStart(2, "0")} 10:00:00`,
        direction: "in",
        state: "received",
        preview: `Preview ${id}`,
        correspondent: "Ada",
        sender: ADA,
        who: ADA,
        has_attachments: false,
        is_automatic: false,
        is_news: true,
        is_unread: false,
        authenticity: "",
        protection: "",
        accounts: ["Front desk"],
        ...values,
    };
}

function getPage(flat, query, only, offset, limit) {
    const found = tab.mailbox.filter(
        (one) => one.subject.includes(query) && (only !== "unread" || one.is_unread)
    );
    const groups = new Map();
    for (const one of found) {
        const key = flat ? `m${one.id}` : `c${one.conversation_id}`;
        groups.set(key, [...(groups.get(key) || []), one]);
    }
    const cards = [...groups].map(([key, messages]) => ({
        ...messages.at(-1),
        key,
        count: messages.length,
        unread: messages.filter(({ is_unread }) => is_unread).length,
        found: messages.map(({ id }) => id),
    }));
    cards.sort((one, other) => other.id - one.id);
    return {
        cards: cards.slice(offset, offset + limit),
        total: cards.length,
        messages: found.length,
        unread: tab.mailbox.filter(({ is_unread }) => is_unread).length,
        ...tab.counted,
        watch: { "res.partner": [7] },
        elsewhere: tab.elsewhere,
    };
}

/** What each test of the tab begins with. */
export function beginWithMailbox() {
    defineMailModels();
    beforeEach(() => {
        mockDate("2026-02-20 12:00:00");
        tab.elsewhere = [];
        tab.mailbox = [
            message(1, { subject: "Rooms" }),
            message(2, {
                conversation_id: 1,
                subject: "Re: Rooms",
                direction: "out",
                sender: DESK,
            }),
            message(3, { subject: "Invoice", has_attachments: true, is_unread: true }),
        ];
        tab.counted = {};
        tab.people = [ADA, DESK];
        tab.calls = [];
        // What shows a body asks for it by itself, and has tests of its own.
        class Body extends Component {
            static template = xml`<p class="body">Text of <t t-esc="props.messageId"/></p>`;
            static props = ["*"];
        }
        class NoEvidence extends Body {
            static template = xml`<p/>`;
        }
        patchWithCleanup(MessageCard, {
            components: { ...MessageCard.components, Evidence: NoEvidence, MessageBody: Body },
        });
        onRpc("member.mail.tab", "get_page", ({ kwargs }) => {
            const { flat, query, only, offset, limit } = kwargs;
            const asked = ["page", offset, flat && "flat", query, only];
            expect.step(asked.filter((part) => part || part === 0).join(" "));
            return getPage(flat, query, only, offset, limit);
        });
        onRpc("member.mail.tab", "keep_fresh", () => 60);
        onRpc("member.mail.tab", "get_thread", ({ args }) =>
            tab.mailbox.filter(({ conversation_id }) => conversation_id === args[2])
        );
        onRpc("member.mail.tab", "get_messages", ({ args }) =>
            tab.mailbox
                .filter(({ id }) => args[0].includes(id))
                .map((one) => ({
                    ...one,
                    participants: tab.people,
                    attachments: [],
                    remote_attachments: [],
                    defects: false,
                    invitation: one.invitation || false,
                }))
        );
        onRpc("member.mail.message", "*", ({ method, args, kwargs }) => {
            tab.calls.push([
                method,
                ...args,
                ...Object.values(kwargs).filter((one) => one.constructor !== Object),
            ]);
            return answers[method]?.(...args) ?? true;
        });
        onRpc("member.mail.message", "get_viewer_html", () => "");
        tab.drafts = [];
        tab.discarded = [];
        tab.opened = [];
        onRpc("member.mail.draft", "get_drafts", () => tab.drafts);
        onRpc("member.mail.draft", "action_discard", ({ args }) => {
            tab.discarded.push(...args[0]);
            tab.drafts = [];
            return true;
        });
        onRpc("member.mail.draft", "open_draft", ({ args }) => {
            tab.opened.push(args);
            return { type: "ir.actions.act_window_close" };
        });
        onRpc("has_group", () => true);
        onRpc("crm.lead", "has_access", () => true);
    });
}

const answers = {
    get_delete_warning: () => "They go from Odoo for everybody.",
    action_trash(ids) {
        tab.trash = tab.mailbox.filter(({ id }) => ids.includes(id));
        tab.mailbox = tab.mailbox.filter(({ id }) => !ids.includes(id));
        return { ids, seconds: 10 };
    },
    action_restore() {
        tab.mailbox = [...tab.mailbox, ...tab.trash].sort((one, other) => one.id - other.id);
        return true;
    },
    action_answer: () => false,
    mark_seen(ids) {
        for (const one of tab.mailbox) {
            one.is_unread &&= !ids.includes(one.id);
        }
    },
    get_original_headers: () => "Received: from mx",
};
/** The calls of methods of messages so far; forgets them. */
export function called() {
    const found = tab.calls;
    tab.calls = [];
    return found;
}

export async function mountTab() {
    await mountWithCleanup(MessagesTab, { props: { resModel: "res.partner", resId: 7 } });
}

export const subjects = () => queryAllTexts(".o_member_mail_subject");
export const bodies = () => queryAllTexts(".body");
