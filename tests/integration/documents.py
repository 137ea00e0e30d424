"""Run inside Odoo: documents of emails before and after Odoo's addon that reads them is installed."""

import logging

from ..conftest import PASSWORD
from ..patience import at_most
from .office_files import FOUND, WORD, hostile, word


class File:
    """A file of an email, as the parser has it."""

    def __init__(self, filename, data, content_type=WORD):
        self.filename, self.data, self.content_type = filename, data, content_type
        self.content_id = ""


def message(env, subject):
    conversation = env["member.mail.conversation"].create(
        {"subject": subject, "company_id": env.company.id}
    )
    return env["member.mail.message"].create(
        {
            "subject": subject,
            "date": "2026-10-05 10:00:00",
            "direction": "in",
            "state": "received",
            "rfc_message_id": f"{subject}@test.example",
            "conversation_id": conversation.id,
            "company_id": env.company.id,
            "header_digest": subject,
            "content_digest": subject,
        }
    )


def main(env, step):
    """What is found of documents that are filed before (``step`` 1) or after (2) the installation, which
    is the end of the first step: dict. Any other step is the mailbox to scan, as values of an account.
    """

    def filed(subject, *files):
        owner = message(env, subject)
        return env["member.mail.filer"]._store_files([(file, owner.id) for file in files])

    def found(word):
        messages = env["member.mail.message"].search([("search_text", "ilike", word)])
        return sorted(messages.mapped("subject"))

    def job():
        env["ir.attachment"]._cron_index_files()
        env.cr.commit()

    if step == 2:
        return after(env, filed, found, job)
    if step != 1:
        return scanned(env, step, found, job)
    filed("Earlier", File("plan.docx", word("zeppelin")))
    env.cr.commit()
    job()
    answer = {"without the addon": found("zeppelin")}
    module = env["ir.module.module"].search([("name", "=", "attachment_indexation")])
    module.button_immediate_install()
    return answer


def after(env, filed, found, job):
    job()
    answer = {"filed earlier": found("zeppelin")}
    files = filed(
        "Later",
        File("later.docx", word("dirigible")),
        File("broken.docx", b"PK no document"),
        File("notes.txt", b"balloons", "text/plain"),
    )
    answer["while filing"] = files.mapped("index_content")
    answer["found at once"] = found("balloons")
    env.cr.commit()
    triggered = env["ir.cron.trigger"].search_count(
        [("cron_id", "=", env.ref("crm_member_mail.ir_cron_index_files").id)]
    )
    answer["the job is due"] = bool(triggered)
    job()
    answer["after the job"] = found("dirigible")
    answer["left"] = env["ir.attachment"].search_count(env["ir.attachment"]._unread_documents())
    return answer


def scanned(env, server, found, job):
    """What is found of the files of an email that a scan files, beside one with hostile files, and what
    the log says of these."""
    from odoo.addons.crm_member_mail.models.message import attachment_words, ir_attachment

    env["ir.config_parameter"].set_param("crm_member_mail.allow_private_hosts", "True")
    env["res.partner"].create({"name": "Ada", "email": "ada@member.example"})
    account = env["member.mail.account"].create(
        {"name": "Club", "imap_encryption": "ssl", "imap_password": PASSWORD, **server}
    )
    env.cr.commit()
    account._scan()
    files = env["ir.attachment"].search([("res_model", "=", "member.mail.message")])
    names = [name for name, *_rest in (*FOUND, *hostile())]
    of_them = files.filtered(lambda file: file.name in names)
    answer = {"filed": sorted(of_them.mapped("name")), "log": []}
    handler = logging.Handler()
    handler.emit = lambda record: answer["log"].append(record.getMessage())
    logger = logging.getLogger(attachment_words.__name__)
    logger.addHandler(handler)
    ir_attachment.SECONDS = at_most(10)
    job()
    ir_attachment.SECONDS = attachment_words.SECONDS
    env.invalidate_all()
    answer["log"] = [
        next(file.name for file in of_them if f"File {file.id} " in line) for line in answer["log"]
    ]
    answer["found"] = {word: found(word) for *_file, word in FOUND}
    answer["hidden"] = [word for word in ("submarine", "zz1") if found(word)]
    answer["left"] = env["ir.attachment"].search_count(env["ir.attachment"]._unread_documents())
    answer["tries"] = sorted({file.index_content for file in of_them if file.name in answer["log"]})
    return answer
