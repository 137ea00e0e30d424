"""Whose emails are erased, and how the person is found in a text."""

from dataclasses import dataclass, replace
from functools import cached_property

from ...mailbox.html.redact import redact
from ...mailbox.mime.addresses import spellings
from .erased_file import texts_in
from .erased_words import Words


@dataclass(frozen=True)
class Person:
    """A person whose emails are erased.

    ``partners`` are the contacts, ``addresses`` the canonical addresses except those of our own
    mailboxes, ``companies`` those in which the emails are erased. Recordsets are of the superuser.
    ``first_names`` are those that count by themselves, see `with_given_names`.
    """

    partners: object
    addresses: frozenset
    companies: object
    first_names: frozenset = frozenset()

    def with_given_names(self, names):
        """The person, who is found by some of the first names alone, too."""
        return replace(self, first_names=frozenset(names))

    @cached_property
    def spellings(self):
        """The forms in which the addresses may be written, in lower case: sorted list."""
        return sorted({form for address in self.addresses for form in spellings(address)})

    @cached_property
    def pattern(self):
        """Finds the addresses, but not inside longer ones: Words."""
        return Words(self.spellings)

    @cached_property
    def names(self):
        """The names of the contacts: sorted list of lists of words."""
        return sorted(name.split() for name in set(self.partners.mapped("name")) if name)

    @cached_property
    def text_pattern(self):
        """Finds the addresses and the names, with the last name first as well: Words. A name of one word
        counts only with its capital letters: it may be a word besides."""
        single = [*(words[0] for words in self.names if len(words) == 1), *self.first_names]
        names = [words for words in self.names if len(words) > 1]
        return Words(self.spellings, names, sorted(single))

    @cached_property
    def given_names(self):
        """The first names of the people among the contacts, which letters begin with: set."""
        people = self.partners.filtered(lambda partner: not partner.is_company)
        words = (name.split() for name in people.mapped("name") if name)
        return {first for first, *rest in words if rest and len(first) > 2 and first[0].isupper()}

    def is_named_in(self, text):
        """Whether a text, or None, contains one of the addresses."""
        return bool(text) and self.pattern.search(text)

    def is_mentioned_in(self, text):
        """Whether a text, or None, contains one of the addresses or names."""
        return bool(text) and self.text_pattern.search(text)

    def without(self, text, word):
        """A text, or None, with a word in the place of the addresses and names."""
        if not self.is_mentioned_in(text):
            return text
        return self.text_pattern.sub(word, text)

    def without_html(self, html, word):
        """HTML likewise."""
        return redact(html, self.text_pattern, word)

    def is_in_email(self, data):
        """Whether the bytes of an email contain one of the addresses, or a name of several words, in
        whatever encoding."""
        whole = replace(
            self, partners=self.partners.filtered(lambda p: " " in (p.name or "").strip())
        )
        return any(map(whole.is_mentioned_in, texts_in(data)))

    def is_in_file(self, data):
        """Whether the bytes of a file contain one of the addresses or names, packed, encoded or not."""
        return any(map(self.is_mentioned_in, texts_in(data)))
