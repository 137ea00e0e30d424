import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { beforeEach, expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { contains, getService, mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";
import { WebClient } from "@web/webclient/webclient";
import { Evidence } from "@crm_member_mail/filing/evidence";

defineMailModels();

const OTTO = { model: "res.partner", id: 7, name: "Otto", reasons: ["Otto wrote it."] };
const MILL = { model: "crm.lead", id: 3, name: "The mill", reasons: ["Filed by Ana on May 1."] };

let evidence;
let calls;

beforeEach(() => {
    evidence = {
        records: [OTTO, MILL],
        taken_off: [],
        strangers: [],
        can_create: true,
        can_add: true,
    };
    calls = [];
    onRpc("member.mail.message", "*", ({ method, args, kwargs }) => {
        const { partner_ids, lead_ids } = kwargs;
        if (method === "get_evidence") {
            return evidence;
        }
        calls.push([method, args[0], partner_ids, lead_ids]);
        return (
            method !== "action_undo_filing" && {
                type: "ir.actions.client",
                tag: "member_mail_filed",
                params: { message: "Done.", ids: args[0], partner_ids, lead_ids },
            }
        );
    });
    onRpc("member.mail.conversation", "*", ({ method, args }) => {
        calls.push([method, ...args]);
        return false;
    });
});

test("says where a message is filed and why, and takes it off", async () => {
    await mountWithCleanup(Evidence, { props: { messageId: 5 } });
    expect(queryAllTexts(".o_member_mail_evidence_text")).toEqual([
        "Otto · Otto wrote it.",
        "The mill · Filed by Ana on May 1.",
    ]);
    expect(".o_member_mail_take_off:eq(1)").toHaveAttribute(
        "aria-label",
        "Take this message off The mill"
    );
    await contains(".o_member_mail_take_off:eq(1)").click();
    expect(calls).toEqual([["action_take_off", [5], undefined, [3]]]);
});

test("what was taken off can be filed again", async () => {
    evidence.records = [];
    evidence.taken_off = [{ ...OTTO, reasons: ["Taken off by Ana on May 1."] }];
    await mountWithCleanup(Evidence, { props: { messageId: 5 } });
    expect(".o_member_mail_evidence s").toHaveText("Otto");
    await contains(".o_member_mail_file_again").click();
    expect(calls).toEqual([["action_file_under", [5], [7], undefined]]);
});

test("strangers can become contacts, if one may create them", async () => {
    evidence.strangers = [
        { name: "Nan", email: "nan@new.example", contact: false },
        { name: "", email: "otto@new.example", contact: { id: 7, name: "Otto" } },
    ];
    await mountWithCleanup(Evidence, { props: { messageId: 5 } });
    expect(queryAllTexts(".o_member_mail_stranger")).toEqual([
        "Nan nan@new.example isn't a contact yet.\nCreate contact\nAdd address to…",
        "otto@new.example Is this a new address of Otto?\nAdd",
    ]);
});

test("nothing is offered that one may not do", async () => {
    evidence.strangers = [{ name: "Nan", email: "nan@new.example", contact: false }];
    evidence.can_create = evidence.can_add = false;
    await mountWithCleanup(Evidence, { props: { messageId: 5 } });
    expect(".o_member_mail_stranger button").toHaveCount(0);
});

test("Undo takes back everything that was done at once", async () => {
    await mountWithCleanup(WebClient);
    await getService("action").doAction({
        type: "ir.actions.client",
        tag: "member_mail_filed",
        params: {
            message: "Filed under Otto.",
            ids: [5, 6],
            partner_ids: [7],
            lead_ids: [],
            conversations: [[2, false]],
        },
    });
    await contains(".o_notification:contains(Filed under Otto.) button:contains(Undo)").click();
    expect(calls).toEqual([
        ["action_undo_filing", [5, 6], [7], []],
        ["action_set_lead", [2], false],
    ]);
    expect(".o_notification").toHaveCount(0);
});
