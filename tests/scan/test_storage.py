"""A data folder that can't be written, for a while: said clearly, and nothing is lost."""

import errno
import os
from email.message import EmailMessage

from .test_scan import filed


def letter(mailbox, number):
    """An email with a file that no other has."""
    message = EmailMessage()
    message["From"], message["To"] = "ana@members.example", mailbox.user
    message["Subject"], message["Message-ID"] = f"Number {number}", f"<{number}@members.example>"
    message.set_content("With a file.")
    message.add_attachment(os.urandom(64), "image", "png", filename=f"{number}.png")
    return message.as_bytes()


def test_a_read_only_data_folder(env, mailbox, account, contact, monkeypatch, caplog):
    contact("Ana", "ana@members.example")
    for number in range(3):
        mailbox.append("INBOX", letter(mailbox, number))
    store = type(env["ir.attachment"])._file_write

    def refuse(_attachment, _data, checksum):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), f"/data/{checksum}")

    monkeypatch.setattr(type(env["ir.attachment"]), "_file_write", refuse)
    with caplog.at_level("ERROR", "odoo.addons.crm_member_mail"):
        for _number in range(4):
            assert account._scan() == "error"
            assert account.error_code == "storage" and not account.stopped
            assert "write to its data folder" in account.error_message
    assert "/data/" in caplog.text
    env.invalidate_all()
    assert not filed(env)
    # Nothing is held against the emails.
    assert not [n for n in env["member.mail.failure"].search([]).mapped("attempts") if n]
    monkeypatch.setattr(type(env["ir.attachment"]), "_file_write", store)
    assert account._scan() == "done", account.error_message
    env.invalidate_all()
    assert len(filed(env)) == 3 and not env["member.mail.failure"].search([])
    assert all(filed(env).mapped("attachment_ids"))
