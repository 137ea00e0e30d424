import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { beforeEach, expect, test, waitUntil } from "@odoo/hoot";
import { queryAllTexts, queryOne } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import {
    contains,
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
    pagerNext,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { localization } from "@web/core/l10n/localization";
import { formatSize } from "@crm_member_mail/message_viewer/attachments";
import { PATIENTLY } from "./patience";

class Message extends models.Model {
    _name = "member.mail.message";

    body = fields.Html();
    direction = fields.Selection({
        selection: [
            ["in", "Received"],
            ["out", "Sent"],
        ],
    });
    has_attachments = fields.Boolean();
    participant_ids = fields.One2many({ relation: "member.mail.participant" });
    attachment_ids = fields.Many2many({ relation: "member.mail.file" });

    _records = [
        {
            id: 1,
            body: "<p>stored</p><img src='/web/image/7'>",
            direction: "in",
            has_attachments: true,
            participant_ids: [1, 2, 3],
            attachment_ids: [8, 7, 70],
        },
        { id: 2, body: "<p>other</p>", direction: "out", participant_ids: [], attachment_ids: [] },
    ];
}

class Participant extends models.Model {
    _name = "member.mail.participant";

    role = fields.Selection({
        selection: [
            ["from", "From"],
            ["to", "To"],
        ],
    });
    name = fields.Char();
    email = fields.Char();
    failure = fields.Char();
    failure_reason = fields.Char();
    read_on = fields.Datetime();
    partner_id = fields.Many2one({ relation: "res.partner" });

    _records = [
        { id: 1, role: "from", name: "Ada", email: "ada@a.example", partner_id: 1 },
        { id: 2, role: "to", name: "Desk", email: "desk@b.example" },
        { id: 3, role: "to", name: false, email: "c@c.example" },
    ];
}

class File extends models.Model {
    _name = "member.mail.file";

    name = fields.Char();
    mimetype = fields.Char();
    file_size = fields.Integer();

    _records = [
        { id: 7, name: "logo.png", mimetype: "image/png", file_size: 100 },
        { id: 8, name: "page.html", mimetype: "text/html", file_size: 1500000 },
        { id: 70, name: "plan.pdf", mimetype: "application/pdf", file_size: 240000 },
        { id: 71, name: "a.asc", mimetype: "application/pgp-signature", file_size: 800 },
        { id: 72, name: "smime.p7s", mimetype: "application/octet-stream", file_size: 800 },
    ];
}

defineMailModels();
defineModels([Message, Participant, File]);

const documentOf = (blocked, text, images = false, notes = "") =>
    `<!DOCTYPE html><html data-blocked-images="${blocked}" data-images="${Number(images)}"${notes}>` +
    `<body style="margin:0">` +
    `<div style="height:333px">${text}</div></body></html>`;

let blocked;
beforeEach(() => {
    blocked = 0;
    // Hoot looks into each frame of a test, which the sandbox of ours does not let it.
    patchWithCleanup(customElements.get("hoot-fixture").prototype, { _lookForIframes() {} });
    onRpc("member.mail.message", "get_viewer_html", ({ args, kwargs }) => {
        expect.step(`read ${args[0]} ${kwargs.show_images}`);
        return kwargs.show_images
            ? documentOf(0, "with images", true)
            : documentOf(blocked, `text of ${args[0]}`);
    });
});

async function mountMessage(fieldsArch, resIds = [1]) {
    await mountView({
        type: "form",
        resModel: "member.mail.message",
        resId: resIds[0],
        resIds,
        arch: `<form edit="0" create="0">${fieldsArch}</form>`,
    });
}

const BODY = `<field name="body" widget="member_mail_body" readonly="1"/>`;

test("the frame that is seen can do nothing but open links", async () => {
    await mountMessage(BODY);
    expect.verifySteps(["read 1 false"]);
    const frame = queryOne(".o_member_mail_frame");
    expect(frame).toHaveAttribute("sandbox", "allow-popups allow-popups-to-escape-sandbox");
    expect(frame).toHaveAttribute("srcdoc", documentOf(0, "text of 1"));
    expect(frame).toHaveAttribute("title", "Text of the message");
    await waitUntil(() => frame.contentDocument === null, PATIENTLY);
    expect(".o_member_mail_body script, .o_member_mail_body p").toHaveCount(0, {
        message: "the mail is nowhere in the page itself",
    });
});

test("the frame fits its content", async () => {
    await mountMessage(BODY);
    await waitUntil(() => queryOne(".o_member_mail_frame").style.height === "333px", PATIENTLY);
    const measure = queryOne(".o_member_mail_measure");
    expect(measure).toHaveAttribute("sandbox", "allow-same-origin");
    expect(measure).toHaveAttribute("aria-hidden", "true");
    expect.verifySteps(["read 1 false"]);
});

test("remote images wait for a click, and the measuring frame never has them", async () => {
    blocked = 2;
    await mountMessage(BODY);
    expect(".o_member_mail_blocked").toHaveText(/Remote images are blocked/);
    await contains(".o_member_mail_show_images").click();
    await animationFrame();
    expect.verifySteps(["read 1 false", "read 1 true", "read 1 null"]);
    expect(".o_member_mail_blocked").toHaveCount(0);
    expect(".o_member_mail_frame").toHaveAttribute("srcdoc", documentOf(0, "with images", true));
    expect(".o_member_mail_measure").toHaveAttribute("srcdoc", documentOf(2, "text of 1"));
});

test("no bar where nothing is blocked", async () => {
    await mountMessage(BODY);
    expect(".o_member_mail_blocked").toHaveCount(0);
    expect.verifySteps(["read 1 false"]);
});

test("the next message starts with its images blocked", async () => {
    blocked = 1;
    await mountMessage(BODY, [1, 2]);
    await contains(".o_member_mail_show_images").click();
    await pagerNext();
    expect.verifySteps(["read 1 false", "read 1 true", "read 1 null", "read 2 false"]);
    expect(".o_member_mail_frame").toHaveAttribute("srcdoc", documentOf(1, "text of 2"));
    expect(".o_member_mail_blocked").toHaveCount(1);
});

test("people by role, contacts as links", async () => {
    await mountMessage(`<field name="participant_ids" widget="member_mail_participants"/>`);
    expect(queryAllTexts(".o_member_mail_participants dt")).toEqual(["From", "To"]);
    expect(queryAllTexts(".o_member_mail_participants dd")).toEqual([
        "Ada <ada@a.example>",
        "Desk <desk@b.example>, c@c.example",
    ]);
    expect(".o_member_mail_participants a").toHaveText("Ada");
});

test("sizes stay together from right to left", () => {
    expect(formatSize(240_000)).toBe("240 kB");
    expect(formatSize(0)).toBe("0 B");
    patchWithCleanup(localization, { direction: "rtl" });
    expect(formatSize(1_500_000)).toBe("\u20681.5 MB\u2069");
});

test("attachments download, what the text shows is out of the way", async () => {
    await mountMessage(`${BODY}<field name="attachment_ids" widget="member_mail_attachments"/>`);
    expect(queryAllTexts(".o_member_mail_chip .text-truncate")).toEqual(["page.html", "plan.pdf"]);
    expect(queryAllTexts(".o_member_mail_chip small")).toEqual(["1.5 MB", "240 kB"]);
    for (const chip of document.querySelectorAll(".o_member_mail_chip a")) {
        expect(chip).toHaveAttribute("href", /^\/web\/content\/\d+\?download=true$/);
    }
    await contains(".o_member_mail_inline").click();
    expect(".o_member_mail_chip").toHaveCount(3);
    expect.verifySteps(["read 1 false"]);
});

test("signatures are out of the way", async () => {
    const attachments = `<field name="attachment_ids" widget="member_mail_attachments"/>`;
    Message._records[1].attachment_ids = [71];
    await mountMessage(attachments, [2]);
    expect(".o_member_mail_chip").toHaveCount(0);
    expect(".o_member_mail_inline").toHaveText("Digital signature");
    await contains(".o_member_mail_inline").click();
    expect(".o_member_mail_chip .text-truncate").toHaveText("a.asc");
});

test("signatures and pictures are out of the way", async () => {
    const attachments = `${BODY}<field name="attachment_ids" widget="member_mail_attachments"/>`;
    Message._records[0].attachment_ids = [7, 70, 71, 72];
    await mountMessage(attachments);
    expect(queryAllTexts(".o_member_mail_chip .text-truncate")).toEqual(["plan.pdf"]);
    expect(".o_member_mail_inline").toHaveText("3 more");
    expect.verifySteps(["read 1 false"]);
});

test("direction and attachment marks", async () => {
    await mountView({
        type: "list",
        resModel: "member.mail.message",
        arch: `
            <list>
                <field name="direction" widget="member_mail_direction"/>
                <field name="has_attachments" widget="member_mail_clip"/>
            </list>`,
    });
    expect(".o_data_row:eq(0) [role=img][aria-label=Received]").toHaveCount(1);
    expect(".o_data_row:eq(0) [role=img][aria-label='With attachment']").toHaveCount(1);
    expect(".o_data_row:eq(1) [role=img][aria-label=Sent]").toHaveCount(1);
    expect(".o_data_row:eq(1) .fa-paperclip").toHaveCount(0);
});
