import { Attachments } from "@crm_member_mail/message_viewer/attachments";
import { Invitation } from "@crm_member_mail/message_viewer/invitation";
import { MessageBody } from "@crm_member_mail/message_viewer/message_body";
import { Participants } from "@crm_member_mail/message_viewer/participants";
import { printMessage, printing } from "@crm_member_mail/message_viewer/print";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { beforeEach, expect, test, waitUntil } from "@odoo/hoot";
import { press, queryAllTexts, queryOne } from "@odoo/hoot-dom";
import { animationFrame, Deferred } from "@odoo/hoot-mock";
import {
    contains,
    getService,
    makeMockEnv,
    makeServerError,
    mountWithCleanup,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { PATIENTLY } from "./patience";

defineMailModels();

beforeEach(() => {
    // Hoot looks into each frame of a test, which the sandbox of ours does not let it.
    patchWithCleanup(customElements.get("hoot-fixture").prototype, { _lookForIframes() {} });
});

/** A document as the server makes it; `notes` are the attributes of its root. */
function documentOf(notes, text, height = 100) {
    const attributes = Object.entries(notes)
        .map(([name, value]) => ` data-${name}="${value}"`)
        .join("");
    return (
        `<!DOCTYPE html><html${attributes}><body style="margin:0">` +
        `<div style="height:${height}px">${text}</div></body></html>`
    );
}

const shownHtml = () => queryOne(".o_member_mail_frame").srcdoc;

test("always for a sender: the images come at once, and the measuring frame has none", async () => {
    let trusted = false;
    onRpc("member.mail.message", "get_viewer_html", ({ kwargs }) => {
        expect.step(`read ${kwargs.show_images}`);
        return trusted && kwargs.show_images !== null
            ? documentOf({ "blocked-images": 0, images: 1 }, "with images")
            : documentOf(
                  { "blocked-images": 1, images: 0, trust: "ada&amp;co@a.example" },
                  "plain"
              );
    });
    onRpc("member.mail.trusted.sender", "trust_sender", ({ args }) => {
        expect.step(`trust ${args[0]}`);
        trusted = true;
        return "ada&co@a.example";
    });
    await mountWithCleanup(MessageBody, { props: { messageId: 5, sender: "Ada" } });
    expect(".o_member_mail_trust").toHaveText("Always show for Ada");
    expect(".o_member_mail_trust").toHaveAttribute("title", "ada&co@a.example");
    await contains(".o_member_mail_trust").click();
    await animationFrame();
    expect.verifySteps(["read false", "trust 5", "read false", "read null"]);
    expect(shownHtml()).toInclude("with images");
    expect(queryOne(".o_member_mail_measure").srcdoc).toInclude("plain");
    expect(".o_member_mail_blocked").toHaveCount(0);
});

test("a text that was asked for before is used once", async () => {
    onRpc("member.mail.message", "get_viewer_html", ({ kwargs }) => {
        expect.step(`read ${kwargs.show_images}`);
        return documentOf({ images: 1 }, "with images");
    });
    const asked = [Promise.resolve(documentOf({ "blocked-images": 1 }, "plain"))];
    const takeBody = (id) => {
        expect.step(`take ${id}`);
        return asked.pop();
    };
    await mountWithCleanup(MessageBody, { props: { messageId: 5, takeBody } });
    expect(shownHtml()).toInclude("plain");
    expect.verifySteps(["take 5"]);
    await contains(".o_member_mail_show_images").click();
    await animationFrame();
    expect(shownHtml()).toInclude("with images");
    expect.verifySteps(["read true", "read null"]);
});

test("no 'always' for a sender who is not certain", async () => {
    onRpc("member.mail.message", "get_viewer_html", () =>
        documentOf({ "blocked-images": 1 }, "plain")
    );
    await mountWithCleanup(MessageBody, { props: { messageId: 5, sender: "Ada" } });
    expect(".o_member_mail_show_images").toHaveCount(1);
    expect(".o_member_mail_trust").toHaveCount(0);
});

test("quoted text unfolds and folds again", async () => {
    onRpc("member.mail.message", "get_viewer_html", ({ kwargs }) =>
        documentOf({ quotes: 1 }, kwargs.quotes ? "all of it" : "own words")
    );
    await mountWithCleanup(MessageBody, { props: { messageId: 5 } });
    expect(".o_member_mail_quotes").toHaveAttribute("aria-expanded", "false");
    expect(".o_member_mail_quotes").toHaveAttribute("aria-label", "Show quoted text");
    expect(shownHtml()).toInclude("own words");
    await contains(".o_member_mail_quotes").click();
    await animationFrame();
    expect(shownHtml()).toInclude("all of it");
    expect(".o_member_mail_quotes").toHaveAttribute("aria-expanded", "true");
    await contains(".o_member_mail_quotes").click();
    await animationFrame();
    expect(shownHtml()).toInclude("own words");
});

test("a signature unfolds in the same way", async () => {
    onRpc("member.mail.message", "get_viewer_html", ({ kwargs }) =>
        documentOf({ quotes: 0, ending: 1 }, kwargs.quotes ? "all of it" : "own words")
    );
    await mountWithCleanup(MessageBody, { props: { messageId: 5 } });
    expect(".o_member_mail_quotes").toHaveAttribute("aria-label", "Show signature");
    await contains(".o_member_mail_quotes").click();
    await animationFrame();
    expect(shownHtml()).toInclude("all of it");
    expect(".o_member_mail_quotes").toHaveAttribute("aria-label", "Hide signature");
});

test("what a mail says in its text is no note of the server", async () => {
    onRpc("member.mail.message", "get_viewer_html", () =>
        documentOf({}, 'data-quotes="1" data-blocked-images="3" data-trust="x@evil.example"')
    );
    await mountWithCleanup(MessageBody, { props: { messageId: 5 } });
    expect(".o_member_mail_quotes").toHaveCount(0);
    expect(".o_member_mail_blocked").toHaveCount(0);
});

test("a long message is clipped until 'Show all'", async () => {
    onRpc("member.mail.message", "get_viewer_html", () => documentOf({}, "long", 900));
    await mountWithCleanup(MessageBody, { props: { messageId: 5, maxHeight: 300 } });
    await waitUntil(() => document.querySelector(".o_member_mail_show_all"), PATIENTLY);
    const paper = queryOne(".o_member_mail_paper");
    expect(paper.getBoundingClientRect().height).toBe(300);
    await contains(".o_member_mail_show_all").click();
    await animationFrame();
    expect(paper.getBoundingClientRect().height).toBe(900);
    expect(".o_member_mail_show_all").toHaveCount(0);
});

test("a body that can't be loaded says so", async () => {
    expect.errors(1);
    onRpc("member.mail.message", "get_viewer_html", () => {
        throw new Error("no server");
    });
    await mountWithCleanup(MessageBody, { props: { messageId: 5 } });
    expect(".o_member_mail_body .alert").toHaveText(/could not be loaded/);
    expect("iframe").toHaveCount(0);
    await animationFrame();
    expect.verifyErrors([/no server/]);
});

test("a message that is gone while it is shown is no error", async () => {
    onRpc("member.mail.message", "get_viewer_html", () => {
        throw makeServerError({ type: "AccessError" });
    });
    await mountWithCleanup(MessageBody, { props: { messageId: 5 } });
    await animationFrame();
    expect(".o_member_mail_body .alert").toHaveCount(1);
    expect.verifyErrors([]);
});

const FILES = [
    { id: 1, name: "one.png", mimetype: "image/png", size: 100 },
    { id: 2, name: "page.html", mimetype: "text/html", size: 1500000 },
    { id: 3, name: "drawing.svg", mimetype: "image/svg+xml", size: 10 },
    { id: 4, name: "note.txt", mimetype: "text/plain", size: 10 },
    { id: 5, name: "feed.xml", mimetype: "application/xml", size: 10 },
    { id: 6, name: "clip.mp4", mimetype: "video/mp4", size: 10 },
    { id: 7, name: "two.jpg", mimetype: "image/jpeg", size: 10 },
    { id: 8, name: "old.tiff", mimetype: "image/tiff", size: 10 },
    { id: 9, name: "odd.pdf", mimetype: "application/pdfx", size: 10 },
];

test("pictures open in the viewer, arrow keys go through them alone", async () => {
    await mountWithCleanup(Attachments, { props: { files: FILES } });
    await contains(".o_member_mail_more_files").click();
    expect(queryAllTexts("button.o_member_mail_chip_main .text-truncate")).toEqual([
        "one.png",
        "two.jpg",
    ]);
    await contains("button.o_member_mail_chip_main:first").click();
    const title = ".o-FileViewer-header .text-truncate";
    expect(title).toHaveText("one.png");
    for (const name of ["two.jpg", "one.png"]) {
        await press("ArrowRight");
        await animationFrame();
        expect(title).toHaveText(name);
    }
    expect(".o-FileViewer iframe").toHaveCount(0);
    expect(".o-FileViewer-download a").toHaveAttribute("href", "/web/content/1?download=true");
    await press("Escape");
    await animationFrame();
    expect(".o-FileViewer").toHaveCount(0);
});

test("every file can be downloaded, and most can do nothing else", async () => {
    await mountWithCleanup(Attachments, { props: { files: FILES } });
    await contains(".o_member_mail_more_files").click();
    for (const file of FILES) {
        const chip = `.o_member_mail_chip:contains(${file.name})`;
        expect(`${chip} .o_member_mail_chip_download`).toHaveAttribute(
            "href",
            `/web/content/${file.id}?download=true`
        );
    }
    for (const link of document.querySelectorAll(".o_member_mail_attachments a")) {
        expect(link).toHaveAttribute("href", /\?download=true$/);
        expect(link).toHaveAttribute("download");
    }
});

test("files on the mail server are fetched once", async () => {
    const fetched = new Deferred();
    onRpc("member.mail.remote.attachment", "action_fetch", async ({ args }) => {
        expect.step(`fetch ${args[0]}`);
        await fetched;
        return true;
    });
    await mountWithCleanup(Attachments, {
        props: {
            files: [],
            remote: [{ id: 11, name: "film.mp4", size: 30000000 }],
            onFetched: () => expect.step("fetched"),
        },
    });
    expect(".o_member_mail_chip_remote").toHaveText(/film.mp4\s*30.0 MB\s*Load/);
    await contains(".o_member_mail_chip_remote button").click();
    expect(".o_member_mail_chip_remote button").toHaveAttribute("disabled");
    fetched.resolve();
    await animationFrame();
    expect.verifySteps(["fetch 11", "fetched"]);
    expect(".o_member_mail_chip_remote button").not.toHaveAttribute("disabled");
});

const fileNames = () => queryAllTexts(".o_member_mail_chip .text-truncate");

test("of many files the first ones are shown, and how many more there are", async () => {
    const files = Array.from({ length: 20 }, (_value, number) => ({
        id: number + 1,
        name: `${number + 1}.pdf`,
        mimetype: "application/pdf",
        size: 1000,
        inline: false,
    }));
    await mountWithCleanup(Attachments, { props: { files } });
    expect(fileNames()).toEqual(["1.pdf", "2.pdf", "3.pdf"]);
    expect(".o_member_mail_more_files").toHaveText("17 more");
    await contains(".o_member_mail_more_files").click();
    expect(".o_member_mail_chip").toHaveCount(20);
    expect(".o_member_mail_more_files").toHaveCount(0);
});

test("a handful of files is shown whole, those on the mail server among them", async () => {
    const file = (id) => ({
        id,
        name: `${id}.txt`,
        mimetype: "text/plain",
        size: 1,
        inline: false,
    });
    const remote = [1, 2, 3].map((id) => ({ id, name: `far ${id}`, size: 5 }));
    const files = [file(1), file(2), { ...file(3), inline: true }];
    await mountWithCleanup(Attachments, { props: { files, remote } });
    expect(fileNames()).toEqual(["1.txt", "2.txt", "far 1", "far 2", "far 3"]);
    await contains(".o_member_mail_inline").click();
    expect(fileNames()).toEqual(["1.txt", "2.txt", "3.txt", "far 1", "far 2", "far 3"]);
});

test("of many files some may be on the mail server", async () => {
    const remote = Array.from({ length: 9 }, (_value, id) => ({ id, name: `far ${id}`, size: 5 }));
    const files = [{ id: 9, name: "9.txt", mimetype: "text/plain", size: 1, inline: false }];
    await mountWithCleanup(Attachments, { props: { files, remote } });
    expect(fileNames()).toEqual(["9.txt", "far 0", "far 1"]);
    expect(".o_member_mail_more_files").toHaveText("7 more");
});

test("of many people in a role the first ones are shown", async () => {
    const person = (role, number) => ({
        role,
        name: "",
        email: `${role}${number}@a.example`,
        partner_id: false,
    });
    const people = [person("from", 0)];
    people.push(...Array.from({ length: 40 }, (_value, number) => person("to", number)));
    people.push(...Array.from({ length: 5 }, (_value, number) => person("cc", number)));
    await mountWithCleanup(Participants, { props: { people } });
    const texts = () => queryAllTexts(".o_member_mail_participants dd");
    expect(texts()).toEqual([
        "from0@a.example",
        "to0@a.example, to1@a.example, to2@a.example, 37 more",
        "cc0@a.example, cc1@a.example, cc2@a.example, cc3@a.example, cc4@a.example",
    ]);
    await contains(".o_member_mail_more_people").click();
    expect(texts()[1].split(", ")).toHaveLength(40);
    expect(".o_member_mail_more_people").toHaveCount(0);
});

test("printing happens in a frame without scripts, which goes afterwards", async () => {
    onRpc("member.mail.message", "get_print_html", ({ args }) =>
        documentOf({}, `<p>to print ${args[0]}</p><script>top.printed = true</script>`)
    );
    await makeMockEnv();
    patchWithCleanup(printing, {
        print(frameWindow) {
            const frame = document.querySelector(".o_member_mail_print");
            expect(frame.getAttribute("sandbox")).toBe("allow-same-origin allow-modals");
            expect(frame.contentWindow).toBe(frameWindow);
            expect.step(frameWindow.document.querySelector("p").textContent);
            frameWindow.dispatchEvent(new Event("afterprint"));
        },
    });
    await printMessage(getService("orm"), 7);
    expect.verifySteps(["to print 7"]);
    expect(document.querySelectorAll(".o_member_mail_print").length).toBe(0);
    expect(window.top.printed).toBe(undefined);
});

test("an event is shown with what the email wants with it", async () => {
    const invitation = {
        kind: "request",
        heading: "Invitation",
        title: "<b>Inspection</b>",
        rows: [
            ["When", "Wednesday, April 1, 2026 2:00 PM"],
            ["Where", "Hall 2"],
        ],
    };
    await mountWithCleanup(Invitation, { props: { invitation } });
    expect(".o_member_mail_invitation").toHaveAttribute("aria-label", "Invitation");
    expect(".o_member_mail_invitation_title").toHaveText("<b>Inspection</b>");
    expect(queryAllTexts(".o_member_mail_invitation dt")).toEqual(["When", "Where"]);
    expect(queryAllTexts(".o_member_mail_invitation dd")).toEqual([
        "Wednesday, April 1, 2026 2:00 PM",
        "Hall 2",
    ]);
    expect(".o_member_mail_cancelled").toHaveCount(0);
});

test("an event that is cancelled", async () => {
    const invitation = { kind: "cancel", heading: "Cancelled", title: "Inspection", rows: [] };
    await mountWithCleanup(Invitation, { props: { invitation } });
    expect(".o_member_mail_cancelled .fa-calendar-times-o").toHaveCount(1);
});

test("an email that is nothing but an event has no paper", async () => {
    onRpc("member.mail.message", "get_viewer_html", () => documentOf({ empty: 1 }, ""));
    await mountWithCleanup(MessageBody, { props: { messageId: 5 } });
    expect(".o_member_mail_body").toHaveClass("d-none");
});
