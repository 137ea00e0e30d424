"""The whole round: a member writes, somebody answers in Chromium, and the member answers that."""

import email
from email import policy

from ..mail import email as make_email
from ..screens.test_live import page, server  # noqa: F401


def test_round(env, sending_account, mailbox, smtp_server, contact, page):  # noqa: F811
    ada = contact("Ada", "ada@member.example")
    env.cr.commit()
    question = make_email("ada@member.example", mailbox.user, subject="Membership", text="When?")
    mailbox.append("INBOX", question)
    sending_account._scan()

    page.open(f"/odoo/contacts/{ada.id}")
    page.wait_for("a[name=member_mail_messages]", click=True)
    page.wait_for(".o_member_mail_row", "Membership", click=True)
    page.wait_for(".o_member_mail_message_open [data-action=reply]", click=True)
    page.wait_for(".o_member_mail_reply .o_member_mail_recipients", "ada@member.example")
    page.wait_for(".o_member_mail_reply .odoo-editor-editable")
    page.browser._websocket_request(
        "Runtime.evaluate",
        params={
            "expression": "document.querySelector('.o_member_mail_reply .odoo-editor-editable').focus()"
        },
    )
    page.browser._websocket_request("Input.insertText", params={"text": "Tomorrow, gladly."})
    page.wait_for(".o_member_mail_reply .odoo-editor-editable", "Tomorrow, gladly.")
    page.wait_for(".o_member_mail_reply .o_member_mail_send", "Send", click=True)
    page.wait_for(".o_notification", "Undo")

    env.cr.rollback()
    messages = env["member.mail.message"].search([])
    answer = messages.filtered(lambda message: message.direction == "out")
    answer.action_send_now()
    env.cr.commit()
    env["mail.mail"]._cron_send_member_mail()
    env.invalidate_all()
    assert answer.state == "sent", answer.failure_reason

    [(sender, recipients, data)] = smtp_server.messages
    assert (sender, recipients) == (mailbox.user, ("ada@member.example",))
    parsed = email.message_from_bytes(data, policy=policy.strict)
    asked = email.message_from_bytes(question, policy=policy.strict)
    assert parsed["Subject"] == "Re: Membership"
    assert parsed["In-Reply-To"].strip() == asked["Message-ID"].strip()
    for kind in ("plain", "html"):
        text = parsed.get_body((kind,)).get_content()
        assert "Tomorrow, gladly." in text and "When?" in text
    assert len(mailbox.flags("Sent")) == 1

    sending_account._scan()
    assert env["member.mail.message"].search([]) == messages

    mailbox.append(
        "INBOX",
        make_email(
            "ada@member.example",
            mailbox.user,
            subject="Re: Membership",
            text="Thank you!",
            references=answer.rfc_message_id,
        ),
    )
    sending_account._scan()
    page.wait_for(".o_member_mail_row", "3")
    env.invalidate_all()
    assert len(answer.conversation_id.message_ids) == 3
    assert len(smtp_server.messages) == len(mailbox.flags("Sent")) == 1
