"""Whose emails are erased, and how the person is found in a text."""

import re
from dataclasses import dataclass
from functools import cached_property

from ...mailbox.mime.addresses import spellings


@dataclass(frozen=True)
class Person:
    """A person whose emails are erased.

    ``partners`` are the contacts, ``addresses`` the canonical addresses except those of our own
    mailboxes, ``companies`` those in which the emails are erased. Recordsets are of the superuser.
    """

    partners: object
    addresses: frozenset
    companies: object

    @cached_property
    def spellings(self):
        """The forms in which the addresses may be written, in lower case: sorted list."""
        return sorted({form for address in self.addresses for form in spellings(address)})

    @cached_property
    def pattern(self):
        """A regular expression that finds the addresses, but not inside longer ones; None without
        any."""
        if not self.addresses:
            return None
        forms = "|".join(map(re.escape, self.spellings))
        return re.compile(rf"(?<![\w.+-])(?:{forms})(?![\w-]|\.\w)", re.IGNORECASE)

    def is_named_in(self, text):
        """Whether a text, or None, contains one of the addresses."""
        return bool(text and self.pattern and self.pattern.search(text))
