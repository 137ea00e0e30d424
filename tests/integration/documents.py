"""Run inside Odoo: documents of emails before and after Odoo's addon that reads them is installed."""

import io
import zipfile

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
TEXT = (
    '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
    "<w:body><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:body></w:document>"
)


def document(words):
    """The bytes of a Word file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("word/document.xml", TEXT.format(words))
    return file.getvalue()


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
    is the end of the first step: dict."""

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
    filed("Earlier", File("plan.docx", document("zeppelin")))
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
        File("later.docx", document("dirigible")),
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
