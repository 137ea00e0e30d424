import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { contains, mountWithCleanup } from "@web/../tests/web_test_helpers";
import { Delivery, splitReason } from "@crm_member_mail/messages_tab/delivery";

defineMailModels();

test("a reason is taken apart into our sentence and the server's words", () => {
    expect(splitReason("")).toEqual({ sentence: "", words: "" });
    expect(splitReason("It was lost.")).toEqual({ sentence: "It was lost.", words: "" });
    expect(splitReason("Try again later. (421 4.7.0 Busy (try later))")).toEqual({
        sentence: "Try again later.",
        words: "421 4.7.0 Busy (try later)",
    });
    expect(splitReason("550 5.1.1 No such user")).toEqual({
        sentence: "",
        words: "550 5.1.1 No such user",
    });
    expect(splitReason("ada@a.example: 550 No; bo@b.example: 552 Full")).toEqual({
        sentence: "",
        words: "ada@a.example: 550 No; bo@b.example: 552 Full",
    });
    expect(splitReason("Back. ada@a.example: None. (550 No) bo@b.example: Full. (552 F)")).toEqual({
        sentence: "Back. ada@a.example: None. bo@b.example: Full.",
        words: "550 No\n552 F",
    });
});

test("each recipient who was not reached is named, with the server's words folded", async () => {
    const people = [
        { role: "to", name: "Ada", email: "ada@a.example", failure: "550 No such user" },
        { role: "to", name: "Bo", email: "bo@b.example", failure: "Mailbox full. (552 Quota)" },
        { role: "to", name: "", email: "cy@c.example", failure: "" },
    ];
    const message = { id: 1, state: "failed", failure_reason: "ada@a.example: 550 No such user" };
    await mountWithCleanup(Delivery, { props: { message, people } });
    expect(queryAllTexts(".o_member_mail_delivery li")).toEqual(["Ada", "Bo: Mailbox full."]);
    await contains(".o_member_mail_delivery summary").click();
    expect(".o_member_mail_server_words div").toHaveText(
        "ada@a.example: 550 No such user\nbo@b.example: 552 Quota"
    );
});
