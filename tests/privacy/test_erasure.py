"""Erasure in a real database: nothing of the person is left, nor does it come back from Dovecot."""

import re
import subprocess
from base64 import b64encode
from pathlib import Path

import odoo

from ..mail import email_with
from ..scan.test_completeness import check, counts
from ..scan.test_scan import filed, run_job

#: Words that are in the person's emails only.
MARKS = ("zqsubject", "zqtext", "zqfile", "zqname", "zqdraft", "zqfailed", "zqnotice", "zqlarge")
ADDRESS = "zqana@members.example"


def receive(mailbox, subject, folder="INBOX", **values):
    mailbox.append(
        folder,
        email_with(
            f"zqfile {subject}".encode(),
            filename="zqname.txt",
            subject=f"zqsubject {subject}",
            text=f"zqtext {subject}",
            message_id=f"<zqmessage.{subject}@ana.example>",
            **{"sender": f"Ana <{ADDRESS}>", **values},
        ),
    )


def erase(env, partner, **values):
    wizard = env["member.mail.erasure.wizard"].create({"partner_ids": partner.ids, **values})
    proof = env["member.mail.erasure"].browse(wizard.action_erase()["res_id"])
    wizard.unlink()
    env.cr.commit()
    env["ir.attachment"]._gc_file_store()
    env.cr.commit()
    env.invalidate_all()
    return proof


def dump(env):
    """Everything stored about emails, as text: dict by name of the table or file."""
    from odoo.addons.crm_member_mail.tools.packing import unpacked

    tables = {}
    name = None
    command = ["pg_dump", "--data-only", "--no-owner", env.cr.dbname]
    text = subprocess.run(command, check=True, capture_output=True).stdout.decode(
        "utf-8", "replace"
    )
    for line in text.split("\n"):
        if start := re.match(r"COPY public\.(\w+) ", line):
            name = start[1]
        # Headers are packed.
        line = re.sub(r"\\\\x([0-9a-f]+)", lambda m: unpacked(bytes.fromhex(m[1])), line)
        tables[name] = tables.get(name, "") + line + "\n"
    stored = {
        table: text
        for table, text in tables.items()
        if table
        and (
            table.startswith("member_mail_")
            or table in ("ir_attachment", "mail_mail", "mail_message")
        )
    }
    folder = Path(odoo.tools.config.filestore(env.cr.dbname))
    files = {
        str(p): p.read_bytes().decode("utf-8", "replace") for p in folder.rglob("*") if p.is_file()
    }
    return stored | files


def found(env, words):
    """Where one of the words stands: set of (place, word)."""
    return {
        (place, word) for place, text in dump(env).items() for word in words if word in text.lower()
    }


def test_nothing_is_left(env, mailbox, account, contact, monkeypatch):
    from odoo.addons.crm_member_mail.mailbox import reader

    parse = reader.parse

    def stumble(data, **options):
        if b"zqfailed" in data:
            raise ValueError("zqfailed")
        return parse(data, **options)

    monkeypatch.setattr(reader, "parse", stumble)
    ana, bea = contact("Ana", ADDRESS), contact("Bea", "bea@members.example")
    receive(mailbox, "one")
    receive(
        mailbox, "two", sender=account.email, to=f"{ADDRESS}, bea@members.example", folder="Sent"
    )
    receive(mailbox, "zqfailed")
    receive(mailbox, "zqlarge")
    mailbox.append("INBOX", email_with(b"hers", sender="bea@members.example", subject="Hers"))
    account.write({"notify": True, "smtp_host": "localhost"})
    run_job(env)
    one = filed(env, subject="zqsubject one")
    draft = env["member.mail.draft"].create(
        {
            "account_id": account.id, "email_from": account.email, "email_to": ADDRESS,
            "subject": "zqdraft", "body": "<p>zqdraft</p>", "answered_id": one.id,
        }
    )  # fmt: skip
    draft.attachment_ids = env["ir.attachment"].create(
        {"name": "zqdraft.txt", "raw": b"zqdraft", "res_model": draft._name, "res_id": draft.id}
    )
    env["mail.mail"].create(
        {
            "mail_server_id": account._outgoing_server().id, "reply_to": ADDRESS,
            "body_html": "zqnotice", "member_mail_source": b64encode(b"zqnotice"),
        }
    )  # fmt: skip
    env["member.mail.remote.attachment"].create(
        {"message_id": filed(env, subject="zqsubject zqlarge").id, "name": "zqlarge.mp4",
         "mimetype": "video/mp4", "section": "2"}
    )  # fmt: skip
    one._mark_seen(one)
    env.cr.commit()
    words = (*MARKS, ADDRESS, "zqmessage")
    before = found(env, words)
    assert {word for _place, word in before} == set(words), "all of it was there"

    proof = erase(env, ana, exclude=False)

    assert found(env, words) == set()
    assert (proof.message_count, proof.remain_count) == (3, 0)
    assert filed(env).mapped("subject") == ["Hers"]
    assert filed(env).partner_ids == bea
    assert len(mailbox.flags("INBOX")) == 4, "the mailbox keeps what it has"
    env.cr.execute("SELECT count(*) FROM member_mail_last_date WHERE partner_id = %s", (ana.id,))
    assert env.cr.fetchone() == (0,)


def test_it_does_not_come_back(env, mailbox, account, contact):
    ana = contact("Ana", ADDRESS)
    receive(mailbox, "one")
    receive(mailbox, "two", sender=account.email, to=ADDRESS, folder="Sent")
    run_job(env)
    assert len(filed(env)) == 2

    erase(env, ana, exclude=False)
    run_job(env)
    check(env, account)
    assert counts(account) == {"total": 2, "deleted": 2}
    mailbox.reset_uidvalidity("INBOX")
    mailbox.reset_uidvalidity("Sent")
    receive(mailbox, "three")
    run_job(env)
    assert filed(env).mapped("subject") == ["zqsubject three"], "what she writes from now on"

    # And with the address among those that are never filed, not even that.
    erase(env, ana)
    receive(mailbox, "four")
    run_job(env)
    check(env, account)
    assert not filed(env)
    assert account.accounted == "4 of 4 accounted for"


def test_kept_for_another(env, mailbox, account, contact):
    ana, bea = contact("Ana", ADDRESS), contact("Bea", "bea@members.example")
    receive(
        mailbox,
        "both",
        sender=account.email,
        to=f"Ana <{ADDRESS}>, bea@members.example",
        folder="Sent",
    )
    run_job(env)
    proof = erase(env, ana, keep_shared="keep")
    assert (proof.message_count, proof.kept_count, proof.remain_count) == (0, 1, 0)

    message = filed(env)
    assert message.partner_ids == bea
    places = {place for place, _word in found(env, (ADDRESS,))}
    assert places == {"member_mail_exclusion"}
    # Read again, it is not filed under her again.
    mailbox.reset_uidvalidity("Sent")
    run_job(env)
    check(env, account)
    assert message.partner_ids == bea
    assert not message.participant_ids.filtered(lambda person: person.email == ADDRESS)
