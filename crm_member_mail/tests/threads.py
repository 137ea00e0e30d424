from email.message import EmailMessage
from itertools import count

from ..mailbox.desk import Filed
from ..mailbox.mime.message import parse
from ..mailbox.types import RawMessage, Summary
from .filing_case import FilingCase

_uids = count(50_000)


class ThreadCase(FilingCase):
    """Emails whose Message-IDs, subjects and dates matter."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ada = cls.contact("Ada", "ada@choir.example")
        cls.ben = cls.contact("Ben", "ben@orchestra.example")

    @classmethod
    def mail(cls, sender="ada@choir.example", to="office@club.example", day=1, **headers):
        """An email as the reader hands it over.

        :param headers: `message_id`, `subject`, `text`, and any header in lower case
        """
        uid = next(_uids)
        email = EmailMessage()
        email["From"], email["To"] = sender, to
        email["Subject"] = headers.pop("subject", "Spring concert")
        email["Date"] = headers.pop("date", f"{day % 28 or 28:02} Jan 2026 10:00:00 +0000")
        text = headers.pop("text", f"Text {uid}")
        message_id = headers.pop("message_id", f"<{uid}@t.example>")
        files = headers.pop("files", {})
        for name, value in headers.items():
            email[name.replace("_", "-")] = value
        email.set_content(text)
        for name, data in files.items():
            email.add_attachment(data, "application", "octet-stream", filename=name)
        data = email.as_bytes()
        if message_id:
            data = f"Message-ID: {message_id}\r\n".encode() + data
        message = parse(data)
        summary = Summary(uid, len(data), None, message.message_id, message.header_digest)
        return Filed(summary, RawMessage(uid, b""), message)

    def threads(self, *emails, one_by_one=False, folders=None):
        """File emails and return, for each of them, the number of its conversation, from 0."""
        folders = folders or {}
        if one_by_one or folders:
            messages = self.env["member.mail.message"].union(
                *(self.file(email, folder=folders.get(email)) for email in emails)
            )
        else:
            messages = self.file(*emails)
        by_digest = {m.content_digest: m for m in messages}
        found = [by_digest[email.message.content_digest].conversation_id for email in emails]
        numbers = {}
        return [numbers.setdefault(conversation, len(numbers)) for conversation in found]
