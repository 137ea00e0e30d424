import { expect, test } from "@odoo/hoot";
import { press, queryAllTexts, queryFirst, waitFor } from "@odoo/hoot-dom";
import { contains, onRpc } from "@web/../tests/web_test_helpers";
import { pieces } from "@crm_member_mail/message_search/marks";
import { withDates } from "@crm_member_mail/message_search/date_range";
import { beginWithMailbox, DESK, ADA, mountTab, tab } from "./messages_tab_mock";
import { PATIENTLY } from "./patience";

const { DateTime } = luxon;

beginWithMailbox();

/** What the server says are the files; steps of what it is asked. */
function haveFiles(...files) {
    onRpc("member.mail.tab", "get_files", ({ args, kwargs }) => {
        expect.step(["files", ...args, kwargs.offset, kwargs.query].filter(Boolean).join(" "));
        const found = files.filter(({ name }) => name.includes(kwargs.query));
        return { files: found.slice(kwargs.offset, kwargs.offset + 2), total: found.length };
    });
}

function file(id, name, values = {}) {
    return {
        id,
        name,
        mimetype: "application/pdf",
        size: 2000,
        remote: false,
        message_id: 3,
        date: "2026-02-18 10:00:00",
        subject: "Invoice",
        direction: "in",
        who: ADA,
        ...values,
    };
}

test("words are marked, and whole words where they end with a blank", async () => {
    // What is the same as what: tests/message/test_search_marks.py
    expect(pieces("Zo\u00eb, zoo", ["zoe"])).toEqual(["", "Zo\u00eb", ", zoo"]);
    expect(pieces("a plan b bee", ["b ", "pl"])).toEqual(["a ", "plan", " ", "b", " bee"]);
    expect(pieces("\u6771\u4eac\u90fd", ["\u6771\u4eac", "\u4eac\u90fd"])).toEqual([
        "",
        "\u6771\u4eac\u90fd",
        "",
    ]);
    expect(pieces("<b>", ["x"])).toEqual(["<b>"]);
    expect(pieces("plan", [])).toEqual(["plan"]);
});

test("dates that are chosen take the place of others", async () => {
    const first = DateTime.fromISO("2026-10-31");
    expect(withDates("pdf", first)).toBe("pdf after:2026-10-31 before:2026-11-01");
    expect(withDates("before:x pdf after:2025", first, first.plus({ days: 2 }))).toBe(
        "pdf after:2026-10-31 before:2026-11-03"
    );
    expect(withDates("", first)).toBe("after:2026-10-31 before:2026-11-01");
});

test("what was found is highlighted in the tab", async () => {
    tab.counted = { marks: { words: ["inv"], people: ["ada"] } };
    await mountTab();
    expect(queryAllTexts(".o_member_mail_row:eq(0) mark")).toEqual(["Ada", "Invoice"]);
    expect.verifySteps(["page 0"]);
});

test("all files, what they are, and the message they came with", async () => {
    haveFiles(
        file(1, "plan.pdf"),
        file(2, "sheet.xlsx", {
            mimetype: "application/vnd.ms-excel",
            direction: "out",
            who: DESK,
        }),
        file(3, "film.mp4", { remote: true })
    );
    onRpc("member.mail.draft", "forward_file", ({ args }) => {
        expect.step(`forward ${args.join(" ")}`);
        return { type: "ir.actions.act_window_close" };
    });
    await mountTab();
    await contains(".o_member_mail_show_files").click();
    await waitFor(".o_member_mail_files_summary", PATIENTLY);
    expect(".o_member_mail_list").toHaveCount(0);
    expect(".o_member_mail_files_summary").toHaveText("3 files");
    expect(queryAllTexts(".o_member_mail_listed_name")).toEqual(["plan.pdf", "sheet.xlsx"]);
    expect(".o_member_mail_listed_file:eq(0)").toHaveText(/2 kB.*Ada.*2 days ago.*Invoice/s);
    expect(".o_member_mail_listed_file:eq(1)").toHaveText(/Sent by Desk/);
    expect("a.o_member_mail_listed_name").toHaveText("sheet.xlsx");
    await contains(".o_member_mail_files_view .o_member_mail_end button").click();
    expect(queryAllTexts(".o_member_mail_listed_name")).toEqual([
        "plan.pdf",
        "sheet.xlsx",
        "film.mp4",
    ]);
    expect(".o_member_mail_listed_file:eq(2) .o_member_mail_listed_forward").toHaveCount(0);
    await contains(".o_member_mail_listed_file:eq(1) .o_member_mail_listed_forward").click();
    queryFirst(".o_member_mail_listed_name").focus();
    await press("ArrowDown");
    expect("a.o_member_mail_listed_name").toBeFocused();
    await press("f");
    await expect.waitForSteps(
        [
            "page 0",
            "files res.partner 7",
            "files res.partner 7 2",
            "forward 2 res.partner 7",
            "forward 2 res.partner 7",
        ],
        PATIENTLY
    );
});

test("files are searched, and one goes back to the messages", async () => {
    haveFiles(file(1, "plan.pdf"), file(2, "photo.png", { mimetype: "image/png" }));
    await mountTab();
    await contains(".o_member_mail_show_files").click();
    await contains(".o_member_mail_search input").edit("photo", { confirm: "enter" });
    await expect.waitForSteps(
        ["page 0", "files res.partner 7", "page 0 photo", "files res.partner 7 photo"],
        PATIENTLY
    );
    expect(queryAllTexts(".o_member_mail_listed_name")).toEqual(["photo.png"]);
    await contains(".o_member_mail_search input").edit("film", { confirm: "enter" });
    await expect.waitForSteps(["page 0 film", "files res.partner 7 film"], PATIENTLY);
    expect(".o_member_mail_files_view").toHaveText("No file found.");
    await contains("[aria-label='Show conversations']").click();
    expect(".o_member_mail_files_view").toHaveCount(0);
    expect(".o_member_mail_nothing").toHaveText(/Where is my mail\?/);
    await expect.waitForSteps(["page 0 film"], PATIENTLY);
});
