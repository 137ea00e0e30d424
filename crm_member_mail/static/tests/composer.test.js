import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { beforeEach, expect, test } from "@odoo/hoot";
import {
    manuallyDispatchProgrammaticEvent,
    press,
    queryAllTexts,
    queryFirst,
} from "@odoo/hoot-dom";
import { advanceTime, animationFrame } from "@odoo/hoot-mock";
import { Component, EventBus, reactive, xml } from "@odoo/owl";
import { contains, mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";
import { copiedRecipients, RecipientInput } from "@crm_member_mail/composer/recipient_input";

defineMailModels();

const ADA = { name: "Ada Member", email: "ada@member.example", partner_id: 7 };
const ADAM = { name: "Adam", email: "adam@else.example", partner_id: false };

/** The record of a draft, as far as the input knows it. */
let record;
let asked;

beforeEach(() => {
    asked = [];
    onRpc("member.mail.draft", "check_recipients", ({ args }) =>
        args[0]
            .split(/[;\n]|(?<=@\S*),/)
            .map((text) => text.trim())
            .filter(Boolean)
            .map((text) => {
                const [, name = "", email = text] = text.match(/^"(.*)" <(.*)>$/) || [];
                return { name, email, valid: email.includes("@") };
            })
    );
    onRpc("member.mail.draft", "get_recipient_suggestions", ({ args }) => {
        asked.push(args[0]);
        return [ADA, ADAM];
    });
});

async function mountInput(text = "") {
    record = reactive({
        data: { email_to: text },
        model: { bus: new EventBus() },
        async update(values) {
            Object.assign(record.data, values);
        },
    });
    class Parent extends Component {
        static template = xml`<RecipientInput record="record" name="'email_to'" label="'To'"/>`;
        static components = { RecipientInput };
        static props = ["*"];
        record = record;
    }
    await mountWithCleanup(Parent);
}

const INPUT = ".o_member_mail_tags input";
const tags = () => queryAllTexts(".o_member_mail_recipient bdi");

async function type(text) {
    await contains(INPUT).edit(text, { confirm: false });
    await advanceTime(500);
    await animationFrame();
}

async function pressed(key) {
    await press(key);
    await animationFrame();
    await animationFrame();
}

test("who is there already", async () => {
    await mountInput('"Ada Member" <ada@member.example>; nobody');
    expect(tags()).toEqual(["Ada Member", "nobody"]);
    expect(".o_member_mail_recipient:eq(0)").toHaveAttribute("title", "ada@member.example");
    expect(".o_member_mail_recipient:eq(1)").toHaveClass("o_member_mail_invalid");
    expect(".o_member_mail_recipients_error").toHaveText("nobody is not an email address.");
    expect(INPUT).toHaveAttribute("aria-invalid", "true");
});

test("suggestions, by keyboard and by mouse", async () => {
    await mountInput();
    await type("ad");
    expect(asked).toEqual(["ad"]);
    expect("[role=option]").toHaveCount(2);
    expect("[role=option]:eq(0)").toHaveAttribute("aria-selected", "true");
    await pressed("ArrowDown");
    await pressed("Enter");
    expect(tags()).toEqual(["Adam"]);
    expect(INPUT).toBeFocused();
    await type("ad");
    expect("[role=option]").toHaveCount(1); // who is in is not suggested again
    await contains("[role=option]").click();
    await animationFrame();
    expect(tags()).toEqual(["Adam", "Ada Member"]);
    expect(record.data.email_to).toBe(
        '"Adam" <adam@else.example>; "Ada Member" <ada@member.example>'
    );
});

test("a plain address is taken as it is", async () => {
    await mountInput();
    await type("someone@else.example");
    await pressed("Enter");
    expect(tags()).toEqual(["someone@else.example"]);
    await type("other@else.example,");
    await animationFrame();
    expect(tags()).toEqual(["someone@else.example", "other@else.example"]);
    await type("someone@else.example;");
    await animationFrame();
    expect(tags()).toHaveLength(2); // once is enough
});

test("a comma in a name does not end it", async () => {
    await mountInput();
    await type("Member, Ada");
    expect(tags()).toEqual([]);
    await type("Member, Ada <ada@member.example>;");
    await animationFrame();
    expect(tags()).toEqual(["Member, Ada <ada@member.example>"]); // as this server reads it
    expect(INPUT).toHaveValue("");
});

async function paste(text, html = "") {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", text);
    clipboardData.setData("text/html", html);
    await manuallyDispatchProgrammaticEvent(queryFirst(INPUT), "paste", { clipboardData });
    await animationFrame();
    await animationFrame();
}

test("many are pasted", async () => {
    await mountInput();
    await contains(INPUT).click();
    await paste("a@else.example; b@else.example\nc@else.example");
    expect(tags()).toEqual(["a@else.example", "b@else.example", "c@else.example"]);
    expect(record.data.email_to).toBe("a@else.example; b@else.example; c@else.example");
    await paste("  d@else.example\t\r\n");
    expect(tags()).toHaveLength(4);
});

test("what is pasted is read by the server as it is", async () => {
    const pasted = [];
    onRpc("member.mail.draft", "check_recipients", ({ args }) => {
        pasted.push(args[0]);
        return [];
    });
    await mountInput();
    await contains(INPUT).click();
    const text = "Member, Ada <ada@member.example>; \tBo\u00a0<bo@else.example>\r\n";
    await paste(text);
    await type("Bo");
    await paste("bo@else.example");
    await type("bo");
    await paste("@else.example");
    expect(pasted).toEqual([text, "Bo bo@else.example", "bo@else.example"]);
});

test("a pasted name may still find somebody", async () => {
    await mountInput();
    await contains(INPUT).click();
    await type("Ms ");
    await paste("Ada Member\n");
    await paste("Member, Ada");
    expect(tags()).toEqual([]);
    expect(INPUT).toHaveValue("Ms "); // the browser pastes, as into any field
});

test("of a web page the links tell the addresses", async () => {
    const copied = (text, html) => {
        const clipboard = new DataTransfer();
        clipboard.setData("text/plain", text);
        clipboard.setData("text/html", html);
        return copiedRecipients(clipboard);
    };
    const html = `<ul><li><a href="MAILTO:ada@member.example?subject=Hi">Ada\n "A" Member</a></li>
        <li><a href="mailto:bo@else.example"><img src="data:image/gif;base64,"></a><a href="/x">x</a></ul>`;
    expect(copied("Ada Member", html)).toBe(
        '"Ada A Member" <MAILTO:ada@member.example?subject=Hi>; <mailto:bo@else.example>'
    );
    expect(copied("ada@member.example", html)).toBe("ada@member.example");
    expect(copied("Ada", "<a href='/x'>Ada</a>")).toBe("Ada");
});

test("Backspace takes the last one away, Enter on a tag edits it", async () => {
    await mountInput('a@else.example; b@else.example; "Ada Member" <ada@member.example>');
    await contains(INPUT).click();
    await pressed("Backspace");
    expect(tags()).toEqual(["a@else.example", "b@else.example"]);
    await pressed("ArrowLeft");
    expect(".o_member_mail_recipient:eq(1)").toBeFocused();
    await pressed("ArrowLeft");
    await pressed("Enter");
    expect(tags()).toEqual(["b@else.example"]);
    expect(INPUT).toHaveValue("a@else.example");
    await contains("[aria-label='Remove b@else.example']").click();
    await animationFrame();
    expect(tags()).not.toInclude("b@else.example");
});
