"""Whose emails are erased, and how the person is found in a text."""

import io
import re
import zipfile
from dataclasses import dataclass, replace
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from functools import cached_property

from ...mailbox.html.redact import INVISIBLE, redact
from ...mailbox.mime.addresses import spellings

#: Of what a zip file holds, bytes that are looked at.
MAX_UNZIPPED = 50_000_000
#: Never matches.
_NOTHING = re.compile(r"(?!)")


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
        """A regular expression that finds the addresses, but not inside longer ones."""
        return re.compile(self._addresses, re.IGNORECASE) if self.addresses else _NOTHING

    @cached_property
    def names(self):
        """The names of the contacts: sorted list of lists of words."""
        return sorted(name.split() for name in set(self.partners.mapped("name")) if name)

    @cached_property
    def text_pattern(self):
        """A regular expression that finds the addresses and the names, with the last name first as
        well. A name of one word counts only with its capital letters: it may be a word besides."""
        parts = [f"(?i:{self._addresses})"] if self.addresses else []
        for words in [*self.names, *([name] for name in sorted(self.first_names))]:
            if len(words) == 1:
                forms = {words[0], words[0].upper()}
                parts += [rf"\b{re.escape(form)}\b" for form in sorted(forms)]
                continue
            last, first = words[-1], words[:-1]
            for form, comma in ((words, ""), ([last, *first], ",?")):
                text = r"[\s.]{1,20}".join(re.escape(word) for word in form)
                text = text.replace(r"[\s.]{1,20}", comma + r"[\s.]{1,20}", 1) if comma else text
                parts.append(rf"(?i:(?<!\w){text}(?!\w))")
        return re.compile("|".join(parts)) if parts else _NOTHING

    @cached_property
    def given_names(self):
        """The first names of the people among the contacts, which letters begin with: set."""
        people = self.partners.filtered(lambda partner: not partner.is_company)
        words = (name.split() for name in people.mapped("name") if name)
        return {first for first, *rest in words if rest and len(first) > 2 and first[0].isupper()}

    @cached_property
    def _addresses(self):
        forms = "|".join(map(re.escape, self.spellings))
        return rf"(?<![\w.+-])(?:{forms})(?![\w-]|\.\w)"

    def is_named_in(self, text):
        """Whether a text, or None, contains one of the addresses."""
        return bool(text and self.pattern.search(text))

    def is_mentioned_in(self, text):
        """Whether a text, or None, contains one of the addresses or names."""
        return bool(text and self.text_pattern.search(INVISIBLE.sub("", text)))

    def without(self, text, word):
        """A text, or None, with a word in the place of the addresses and names."""
        if not self.is_mentioned_in(text):
            return text
        return self.text_pattern.sub(word, INVISIBLE.sub("", text))

    def without_html(self, html, word):
        """HTML likewise."""
        return redact(html, self.text_pattern, word)

    def is_in_email(self, data):
        """Whether the bytes of an email contain one of the addresses, or a name of several words, in
        whatever encoding."""
        whole = replace(
            self, partners=self.partners.filtered(lambda p: " " in (p.name or "").strip())
        )
        return any(map(whole.is_mentioned_in, _texts(data)))

    def is_in_file(self, data):
        """Whether the bytes of a file contain one of the addresses or names as text, packed or not."""
        if any(self.is_mentioned_in(text) for text in _readings(data)):
            return True
        return data[:4] == b"PK\x03\x04" and any(map(self.is_in_file, _unzipped(data)))


def decoded_header(text):
    """The value of a header field as people read it (RFC 2047)."""
    try:
        return str(make_header(decode_header(text)))
    except (HeaderParseError, LookupError, ValueError):
        return text


def _readings(data):
    """The texts that bytes may be."""
    yield data.decode("utf-8", "replace")
    if b"\0" in data[:1000]:
        yield data.decode("utf-16", "replace")
    elif not data.isascii():
        yield data.decode("latin-1")


def _texts(data):
    """The texts of an email: as it is, its header fields decoded, its parts decoded."""
    yield from _readings(data)
    try:
        parts = list(message_from_bytes(data).walk())
    except Exception:  # whatever is wrong with it is why it was not filed
        return
    for part in parts:
        for name, value in part.items():
            yield f"{name}: {decoded_header(str(value))}"
        try:
            yield part.get_filename() or ""
            payload = part.get_payload(decode=True)
        except Exception:  # noqa: S112 - as above
            continue
        if payload:
            yield from _readings(payload)


def _unzipped(data):
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            room = MAX_UNZIPPED
            for info in archive.infolist():
                yield info.filename.encode("utf-8", "replace")
                if info.file_size <= room:
                    room -= info.file_size
                    yield archive.read(info)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        return
