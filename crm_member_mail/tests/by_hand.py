from dataclasses import replace

from .filing_case import FilingCase


class ByHandCase(FilingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.otto = cls.contact("Otto", "otto@mill.example")
        cls.vera = cls.contact("Vera", "vera@archive.example")
        cls.end_transaction()

    @classmethod
    def answer(cls, sender, *answered, subject="Re: Hello", **values):
        """File an email that answers messages."""
        item = cls.parsed(sender, subject=subject)
        ids = tuple(one.rfc_message_id for one in answered)
        message = replace(item.message, in_reply_to=ids[:1], references=ids, answers=ids, **values)
        return cls.file(replace(item, message=message))

    @classmethod
    def again(cls, item, folder=None):
        """File an email again that lies at another place now."""
        uid = cls.parsed("nobody@else.example").summary.uid
        return cls.file(replace(item, summary=replace(item.summary, uid=uid)), folder=folder)

    def as_user(self, record):
        return record.with_user(self.user)

    def tabs(self, message):
        """The contacts that a message is filed under, read anew."""
        self.end_transaction()
        self.env.invalidate_all()
        return message.partner_ids
