from email.message import EmailMessage
from itertools import count

from ..mailbox.desk import Filed
from ..mailbox.mime.message import parse
from ..mailbox.types import RawMessage, Summary
from .common import MemberMailCase

_uids = count(1)


class FilingCase(MemberMailCase):
    """Tests that file emails without a server."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls.make_account(email="office@club.example")
        cls.inbox, cls.sent = cls.env["member.mail.folder"].create(
            [
                {"account_id": cls.account.id, "path": role, "role": role, "uidvalidity": 1}
                for role in ("inbox", "sent")
            ]
        )
        cls.end_transaction()
        cls.env["member.mail.lookup"].search([]).unlink()

    @classmethod
    def end_transaction(cls):
        """Do what a commit does, without committing."""
        cls.env.cr.flush()

    @classmethod
    def contact(cls, name, email, **values):
        return cls.env["res.partner"].create({"name": name, "email": email, **values})

    @classmethod
    def lead(cls, email, **values):
        return cls.env["crm.lead"].create(
            {"name": f"Lead of {email}", "email_from": email, **values}
        )

    @classmethod
    def parsed(cls, sender, to="office@club.example", cc="", subject="Hello", **headers):
        """An email as the reader hands it over, with a text attached. ``headers`` are further ones, with
        _ for -."""
        email, uid = EmailMessage(), next(_uids)
        email["From"], email["To"], email["Subject"] = sender, to, subject
        if cc:
            email["Cc"] = cc
        for name, value in headers.items():
            email[name.replace("_", "-")] = value
        email["Date"], email["Message-ID"] = "Mon, 05 Jan 2026 10:00:00 +0000", f"<{uid}@t.example>"
        email.set_content(f"Text {uid}")
        email.add_attachment(f"File {uid}", filename="file.txt")
        message = parse(email.as_bytes())
        summary = Summary(uid, message.size, None, message.message_id, message.header_digest)
        return Filed(summary, RawMessage(uid, b""), message)

    @classmethod
    def file(cls, *emails, folder=None):
        """File what `parsed` returned; returns the new messages."""
        Message = cls.env["member.mail.message"]
        last = Message.search([], order="id desc", limit=1).id or 0
        folder = folder or cls.inbox
        failures = cls.env["member.mail.filer"]._file(
            folder, emails, (), folder.account_id._match_rules()
        )
        assert not failures, failures
        return Message.search([("id", ">", last)], order="id")

    @classmethod
    def receive(cls, sender, folder=None, **email):
        return cls.file(cls.parsed(sender, **email), folder=folder)

    @classmethod
    def send(cls, to, **email):
        return cls.file(cls.parsed("office@club.example", to=to, **email), folder=cls.sent)

    def lookups(self):
        """The (account, address) pairs to look up once the transaction is over."""
        self.end_transaction()
        found = self.env["member.mail.lookup"].search([])
        return {(lookup.account_id, lookup.address) for lookup in found}

    def asked(self):
        """The addresses to look up in this test's account."""
        return {address for account, address in self.lookups() if account == self.account}

    def forget_lookups(self):
        self.end_transaction()
        self.env["member.mail.lookup"].search([]).unlink()

    def merge(self, *partners, into):
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge([into.id, *(partner.id for partner in partners)], into)
        self.end_transaction()

    def filed_now(self, account=None, folder=None, **email):
        """Whether an email would be filed, and under whom: Known, or None."""
        rules = (account or self.account)._match_rules()
        message = self.parsed(**email).message
        parties = rules.parties(message, folder or "inbox")
        found = self.env["member.mail.matcher"]._match(parties, rules)
        return next(iter(found.values()), None)
