import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { beforeEach, expect, test } from "@odoo/hoot";
import { queryAllAttributes, queryAllTexts, queryFirst } from "@odoo/hoot-dom";
import { advanceTime, animationFrame, mockDate } from "@odoo/hoot-mock";
import { SenderField } from "@crm_member_mail/composer/sender_field";
import { INTERVAL } from "@crm_member_mail/dashboard/dashboard_view";
import { ProblemsSystray } from "@crm_member_mail/problems/problems_systray";
import {
    contains,
    defineModels,
    fields,
    MockServer,
    mockService,
    models,
    mountView,
    mountWithCleanup,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { registry } from "@web/core/registry";
import { session } from "@web/session";

const graph = (received, sent) =>
    JSON.stringify(
        [
            ["Received", received],
            ["Sent", sent],
        ].map(([key, values]) => ({
            key,
            values: values.map((value, day) => ({ label: `Day ${day}`, value })),
        }))
    );

class Account extends models.Model {
    _name = "member.mail.account";

    email = fields.Char();
    condition = fields.Selection({
        selection: [
            ["stopped", "Stopped"],
            ["reading", "Reading earlier emails"],
            ["fine", "Working"],
        ],
    });
    arrival = fields.Selection({
        selection: [
            ["live", "At once"],
            ["polled", "Now and then"],
        ],
    });
    arrival_since = fields.Datetime();
    arrival_text = fields.Char();
    arrival_reason = fields.Char();
    check_running = fields.Boolean();
    history_progress = fields.Float();
    imap_test = fields.Char();
    last_sync = fields.Datetime();
    next_sync = fields.Datetime();
    volume_graph = fields.Text();

    _records = [
        {
            id: 1,
            email: "stopped@club.example",
            condition: "stopped",
            arrival: "polled",
            history_progress: 0,
            last_sync: false,
            next_sync: "2026-03-01 11:50:00",
            volume_graph: graph([0, 0], [0, 0]),
        },
        {
            id: 2,
            email: "fine@club.example",
            condition: "fine",
            arrival: "live",
            arrival_since: "2026-03-01 09:12:00",
            arrival_text: "At once",
            history_progress: 100,
            last_sync: "2026-03-01 11:55:00",
            next_sync: "2026-03-01 12:10:30",
            volume_graph: graph([2, 3], [1, 0]),
        },
    ];

    get_dashboard_summary() {
        return { accounts: 2, problems: 1, unfinished: 0, today: 7 };
    }
}

defineMailModels();
defineModels([Account]);

const ARCH = `
    <kanban js_class="member_mail_dashboard">
        <field name="check_running"/>
        <templates>
            <t t-name="card">
                <field name="email"/>
                <field name="condition" widget="member_mail_condition"/>
                <field name="last_sync" widget="member_mail_relative_time"/>
                <field name="next_sync" widget="member_mail_due_time"/>
                <field name="history_progress" widget="member_mail_progress"/>
                <field name="volume_graph" widget="member_mail_volume"/>
                <button name="mend" type="object">Mend</button>
            </t>
        </templates>
    </kanban>`;

let loads = 0;

beforeEach(() => {
    loads = 0;
    mockDate("2026-03-01 12:00:00", 0);
    onRpc("member.mail.account", "web_search_read", () => {
        loads++;
    });
});

const mountDashboard = () =>
    mountView({ type: "kanban", resModel: "member.mail.account", arch: ARCH });

/** What the scan of the second account changes on the server. */
const scan = (values) => MockServer.env["member.mail.account"].write([2], values);

/** Let so many rounds of the timer pass. */
async function wait(rounds) {
    for (let round = 0; round < rounds; round++) {
        await advanceTime(INTERVAL);
        await animationFrame();
    }
}

test("a card says in words what its colours say", async () => {
    await mountDashboard();
    expect(queryAllTexts("[data-condition]")).toEqual(["Stopped", "Working"]);
    expect("[data-condition=stopped] .fa-stop-circle").toHaveCount(1);
    expect(queryAllTexts("time")).toEqual(["", "now", "5 minutes ago", "in 10 minutes"]);
    expect(queryAllAttributes("[role=progressbar]", "aria-valuenow")).toEqual(["0", "100"]);
    expect(queryFirst(".o_member_mail_summary")).toHaveText(
        /Accounts: 2.*Problems: 1.*Emails today: 7/s
    );
});

const mountArrivals = (records, options = "") => {
    Account._records = records.map((record, index) => ({ id: index + 1, ...record }));
    return mountView({
        type: "kanban",
        resModel: "member.mail.account",
        arch: `
            <kanban>
                <templates>
                    <t t-name="card">
                        <field name="arrival" widget="member_mail_arrival" ${options}/>
                    </t>
                </templates>
            </kanban>`,
    });
};
const POLLED = {
    arrival: "polled",
    arrival_text: "Every 15 minutes",
    arrival_reason: "No listener is running.",
};
const LIVE = { arrival: "live", arrival_text: "At once" };

test("how emails arrive: at once and since when, or how often and why", async () => {
    await mountArrivals([
        { ...LIVE, arrival_since: "2026-03-01 09:12:00" },
        { ...LIVE, arrival_since: "2026-02-28 09:12:00" },
        POLLED,
        { arrival: "polled" }, // what isn't read does not arrive
    ]);
    const [today, earlier] = queryAllTexts("[data-arrival=live]");
    expect(today).toMatch(/^At once since 9:12\sAM$/);
    expect(earlier).toBe("At once since Feb 28");
    expect("[data-arrival=live] .o_member_mail_live").toHaveCount(2);
    expect("[data-arrival=polled]").toHaveCount(1);
    expect("[data-arrival=polled]").toHaveText(/^Every 15 minutes/);
    expect("[data-arrival=polled]").toHaveAttribute("data-tooltip", "No listener is running.");
    expect("[data-arrival=polled] .visually-hidden").toHaveText("No listener is running.");
});

test("the reason, where there is room for it", async () => {
    await mountArrivals([POLLED], `options="{'show_reason': true}"`);
    expect("[data-arrival=polled]").toHaveText("Every 15 minutes\nNo listener is running.");
    expect("[data-arrival=polled] .visually-hidden").toHaveCount(0);
    expect("[data-arrival=polled]").not.toHaveAttribute("data-tooltip", /listener/);
});

test("the chart comes with its sums, and is left out where there is nothing", async () => {
    await mountDashboard();
    expect(".o_member_mail_volume canvas").toHaveCount(1);
    const [empty, volume] = queryAllTexts(".o_member_mail_volume");
    expect(empty).toBe("No emails in the last 30 days.");
    expect(volume).toMatch(/Received: 5\s+Sent: 1/);
});

test("it follows a scan, and rests when there is none", async () => {
    await mountDashboard();
    expect(loads).toBe(1);
    await wait(3);
    expect(loads).toBe(1);
    scan({ condition: "reading", history_progress: 40 });
    await wait(9);
    expect(loads).toBe(2);
    expect(queryAllTexts("[data-condition]")).toEqual(["Stopped", "Reading earlier emails"]);
    scan({ history_progress: 60 });
    await wait(1);
    expect(loads).toBe(3);
    expect(queryAllAttributes("[role=progressbar]", "aria-valuenow")).toEqual(["0", "60"]);
});

test("it takes the focus from nobody", async () => {
    await mountDashboard();
    scan({ condition: "reading" });
    await wait(12);
    expect(loads).toBe(2);
    await contains(".o_kanban_record:first button").focus();
    await wait(2);
    expect(loads).toBe(2);
    expect(".o_kanban_record:first button").toBeFocused();
    queryFirst(".o_kanban_record:first button").blur();
    await wait(1);
    expect(loads).toBe(3);
});

test("it bears a server that is out of reach", async () => {
    await mountDashboard();
    scan({ condition: "reading" });
    await wait(12);
    expect(loads).toBe(2);
    let fails = true;
    onRpc("member.mail.account", "web_search_read", () => {
        if (fails) {
            throw new Error("gone");
        }
    });
    await wait(2);
    expect(".o_kanban_record:not(.o_kanban_ghost)").toHaveCount(2);
    fails = false;
    const before = loads;
    await wait(1);
    expect(loads).toBeGreaterThan(before);
});

test("what stands still is said, and switched on again by whoever may", async () => {
    let standstill = [
        { text: "Mailboxes are not scanned.", job: "ir_cron_fetch" },
        { text: "Emails still wait: 3.", job: false },
        { text: "The rule “Tag” fails.", job: false, retry: true },
    ];
    const switched = [];
    onRpc("member.mail.account", "get_dashboard_summary", () => ({
        accounts: 2,
        problems: 3,
        standstill,
    }));
    onRpc("member.mail.account", "action_switch_on", ({ args }) => {
        switched.push(args);
        standstill = standstill.filter(({ job }) => !job);
        return true;
    });
    onRpc("member.mail.hook", "action_retry", ({ args }) => {
        switched.push(args);
        standstill = [];
        return true;
    });
    await mountDashboard();
    expect(queryAllTexts(".o_member_mail_standstill span")).toEqual([
        "Mailboxes are not scanned.",
        "Emails still wait: 3.",
        "The rule “Tag” fails.",
    ]);
    expect(".o_member_mail_standstill button").toHaveCount(2);
    await contains(".o_member_mail_standstill button:contains(Switch on)").click();
    await animationFrame();
    await contains(".o_member_mail_standstill button:contains(Try again)").click();
    await animationFrame();
    expect(switched).toEqual([["ir_cron_fetch"], []]);
    expect(".o_member_mail_standstill").toHaveCount(0);
});

test("the head of each page counts the problems, and leads to the board", async () => {
    patchWithCleanup(session, { member_mail_problems: 2 });
    const done = [];
    mockService("action", { doAction: (action) => done.push(action) });
    await mountWithCleanup(ProblemsSystray);
    const button = ".o_member_mail_problems";
    expect(button).toHaveText("2");
    expect(button).toHaveAttribute("aria-label", "Contact Messages: problems with mailboxes: 2");
    await contains(button).click();
    expect(done).toEqual(["crm_member_mail.action_account"]);
    const { isDisplayed } = registry.category("systray").get("crm_member_mail.problems");
    expect(isDisplayed()).toBe(true);
    for (const none of [0, undefined]) {
        session.member_mail_problems = none;
        expect(isDisplayed()).toBe(false);
    }
});

test("the composer warns of a mailbox from which nothing can be sent", async () => {
    const senders = ["works@club.example", "mute@club.example"].map((email, index) => ({
        account_id: index + 1,
        email,
        label: email,
        warning: index ? "Nothing can be sent." : "",
    }));
    const mountFor = (id) => {
        const data = { account_id: { id }, email_from: senders[id - 1].email, senders };
        const props = { record: { data }, name: "email_from", readonly: false };
        return mountWithCleanup(SenderField, { props });
    };
    await mountFor(1);
    expect("[role=alert]").toHaveCount(0);
    await mountFor(2);
    expect("[role=alert]").toHaveText("Nothing can be sent.");
});

test("what is for administrators of servers is folded", async () => {
    onRpc("member.mail.account", "web_read", () => [
        { id: 1, imap_test: "It refuses.\nCheck the port.\n535 5.7.8" },
    ]);
    await mountView({
        resModel: "member.mail.account",
        type: "form",
        resId: 1,
        arch: `<form><field name="imap_test" widget="member_mail_problem" readonly="1"/></form>`,
    });
    expect("[name=imap_test] > span, [name=imap_test] > div > span").toHaveText("It refuses.");
    expect("[name=imap_test] details:not([open])").toHaveCount(1);
    expect("[name=imap_test] details > div").toHaveInnerHTML("Check the port.\n535 5.7.8");
});
