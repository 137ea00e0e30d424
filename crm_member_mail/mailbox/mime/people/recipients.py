"""Recipients as people paste and type them: from mail programs, tables and web pages, with their names.

This is about whom a person wants to write to, and sees before it is sent. So it guesses, which the
reading of headers (:mod:`.addresses`) must not.
"""

import re
from dataclasses import dataclass

from .recipient_names import (
    ASIDE,
    has_letters,
    is_aside,
    is_capital,
    is_label,
    is_name,
    named,
    text_of,
    whole_name,
    without_label,
)
from .recipient_tokens import LONGEST, Token, lines_of, tokens_of

#: Characters that are read, and recipients that are returned.
_MOST_CHARACTERS, _MOST = 100_000, 1000

#: Lines of a header that name nobody.
_OTHER_FIELD = re.compile(
    r"\*?(?:subject|date|sent|betreff|datum|gesendet|objet|envoyé|asunto|fecha|enviad[oa](?: el| em)?"
    r"|oggetto|inviato|data|onderwerp|verzonden|assunto|temat|wysłano|ämne|skickat|emne|sendt|dato"
    r"|aihe|lähetetty|päivämäärä|předmět|odesláno|predmet|odoslané|tárgy|elküldve|subiect|trimis"
    r"|konu|gönderildi|gönderme tarihi|tarih|θέμα|στάλθηκε|тема|отправлено|дата|надіслано"
    r"|主题|发送时间|日期|主旨|寄件日期|件名|送信日時|日時|제목|보낸 날짜)\s*:",
    re.IGNORECASE,
)
#: The column of a table that holds addresses.
_HEADLINE = re.compile(r"mail|address|adresse|courriel|correo|dirección", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Recipient:
    """A recipient: ``email`` is canonical or, where ``valid`` is false, what was written instead of an
    address."""

    name: str
    email: str
    valid: bool


def recipients(text):
    """The recipients in a text.

    Separators are semicolons, line ends, and commas; before an address in brackets a comma belongs to
    the name (``Last, First <a@x>``), unless that is in quotes. Names may also be behind their address,
    in parentheses, in other cells of a row, or on a line of their own. What has no address is returned
    as it is, to be corrected; words between addresses, numbers and signs are left out.

    :param str text: or None
    :return: tuple of Recipient in their order, each address once
    """
    lines = [list(tokens_of(line)) for line in lines_of((text or "")[:_MOST_CHARACTERS])]
    lines = [tokens for tokens in lines if tokens]
    found = _Found()
    said = [line for line in lines if not _is_aside(line)]
    lines = _pairs(lines) or _pairs(said) or _cards(said) or lines
    separator = _column_separator(lines)
    for number, tokens in enumerate(lines):
        if len(found.people) >= _MOST:
            break
        if columns := _columns(tokens, separator):
            _read_row(columns, found, may_be_headline=number == 0 and len(lines) > 1)
        else:
            _read_line(tokens, found)
    return found.all()


class _Found:
    """What was found so far: lists of name, text and whether that is an address."""

    def __init__(self):
        self.people = []

    def add(self, name, email):
        person = [name, email, True]
        self.people.append(person)
        return person

    def add_bad(self, text):
        text = without_label(" ".join(text.split()))[:LONGEST].strip(" ,;")
        if any(map(str.isalnum, text)):
            self.people.append(["", text, False])

    def all(self):
        """The Recipients, each once, with the first of its names. What is no address is among them if
        there is nothing else, or it may be meant as one."""
        is_alone = not any(valid for _name, _email, valid in self.people)
        merged = {}
        for name, email, valid in self.people:
            known = merged.get(email)
            if (known and not known.name) or (
                not known and (valid or is_alone or _may_be_meant(email))
            ):
                merged[email] = Recipient(name, email, valid)
        return tuple(merged.values())[:_MOST]


def _may_be_meant(text):
    return has_letters(text) and not _OTHER_FIELD.match(text) and not is_aside(text)


# -- tables ------------------------------------------------------------------------------------------


def _is_address(token):
    return token.kind in ("mailbox", "bare")


def _is_aside(tokens):
    return not any(map(_is_address, tokens)) and is_aside(text_of(tokens))


def _pairs(parts):
    """Names with their addresses, where the two take turns, line by line or from comma to comma.

    :param parts: list of lists of tokens
    :return: list of lists of tokens, each of one name and its address; None if they don't take turns
    """
    names, addresses = parts[::2], parts[1::2]
    if (
        len(names) == len(addresses)
        and all(is_name(without_label(text_of(part)), least=2) for part in names)
        and not any(map(_is_address, (token for part in names for token in part)))
        and all(map(_has_only_address, addresses))
    ):
        return [
            name + [token for token in behind if _is_address(token)]
            for name, behind in zip(names, addresses, strict=True)
        ]
    return None


def _cards(lines):
    """Names with their addresses, where the same number of lines stands between each two of them, such
    as a position: several contacts of a web page.

    :param lines: list of lists of tokens
    :return: as `_pairs` does
    """
    ends = [at for at, tokens in enumerate(lines, start=1) if any(map(_is_address, tokens))]
    size = ends[0] if ends else 0
    if not (2 < size < 7 and len(ends) > 1 and ends == [*range(size, len(lines) + 1, size)]):
        return None
    return _pairs([line for end in ends for line in (lines[end - size], lines[end - 1])])


def _pairs_either_way(parts):
    """The same, where the names may also be behind their addresses."""
    return _pairs(parts) or (_pairs(parts[::-1]) or [])[::-1]


def _has_only_address(tokens):
    others = [token for token in tokens if not _is_address(token)]
    return len(tokens) - len(others) == 1 and not without_label(text_of(others))


def _column_separator(lines):
    """The kind of token that separates the columns of CSV: each line has one address and as many
    separators as the others. '' if it isn't CSV."""
    with_address = [tokens for tokens in lines if any(map(_is_address, tokens))]
    has_headline = with_address and with_address[0] is not lines[0]
    if len(with_address) + bool(has_headline and _HEADLINE.search(text_of(lines[0]))) < 2:
        return ""
    if any([t.kind for t in tokens if _is_address(t)] != ["bare"] for tokens in with_address):
        return ""
    for kind in ("semicolon", "comma"):
        counts = {sum(token.kind == kind for token in tokens) for tokens in with_address}
        if (
            len(counts) == 1
            and counts != {0}
            and all(
                _has_only_address(cell)
                for tokens in with_address
                for cell in _split(tokens, kind)
                if any(map(_is_address, cell))
            )
        ):
            return kind
    return ""


def _columns(tokens, separator):
    """The cells of a row: list of lists of tokens; None if a line is none."""
    kinds = {token.kind for token in tokens}
    if "tab" in kinds:
        separator = "tab"
    elif "mailbox" not in kinds and any(token.text == "|" for token in tokens):
        tokens = [Token("tab", "") if token.text == "|" else token for token in tokens]
        separator = "tab"
    return (
        _split(tokens, separator) if separator and separator in {t.kind for t in tokens} else None
    )


def _read_row(cells, found, may_be_headline):
    """Read a row of a table: people get their names from the cells before them, or else behind."""
    texts = [text_of(cell) for cell in cells]
    has_address = [
        any(token.kind in ("mailbox", "bare", "bad") for token in cell) for cell in cells
    ]
    if not any(has_address):
        if not (may_be_headline and any(map(_HEADLINE.search, texts))):
            found.add_bad(" ".join(filter(is_name, texts)) or " ".join(texts))
        return
    begins = next(number for number, text in enumerate(texts) if text or has_address[number])
    for number, cell in enumerate(cells):
        if not has_address[number]:
            continue
        before = len(found.people)
        _read_line(cell, found)
        people = found.people[before:]
        if len(people) == 1 and people[0][2] and not people[0][0]:
            people[0][0] = _name_in_cells(texts, has_address, number, is_behind=has_address[begins])


def _name_in_cells(texts, has_address, number, is_behind):
    """The name in the cells beside the one with that number: up to the next address."""
    step, names = (1 if is_behind else -1), []
    number += step
    while 0 <= number < len(texts) and not has_address[number]:
        if is_name(texts[number]):
            names.append(texts[number])
        number += step
    names = names if is_behind else names[::-1]
    whole = [name for name in names if len(name.split()) > 1]
    return " ".join(whole[:1] or names[:2])[:LONGEST]


# -- lines -------------------------------------------------------------------------------------------


def _split(tokens, kind):
    pieces = [[]]
    for token in tokens:
        if token.kind == kind:
            pieces.append([])
        else:
            pieces[-1].append(token)
    return pieces


def _read_line(tokens, found):
    if _OTHER_FIELD.match(text_of(tokens)):
        found.add_bad(text_of(tokens))
        return
    pieces = _split(tokens, "semicolon")
    filled = [piece for piece in pieces if piece]
    if len(filled) > 3 and (pairs := _pairs_either_way(filled)):
        pieces = pairs
    for number, piece in enumerate(pieces, start=1):
        if number < len(pieces) and _is_empty_group(piece):
            continue
        parts = [part for part in _split(piece, "comma") if part]
        if pairs := _pairs_either_way(parts):
            for pair in pairs:
                _Piece(pair, found).find()
        elif any(token.kind in ("mailbox", "bare", "bad") for token in piece):
            _Piece(piece, found).find()
        else:
            found.add_bad(text_of(piece))


def _is_empty_group(tokens):
    """Whether these are the name of a group, behind which nobody is: `Undisclosed recipients:;`."""
    text = text_of(tokens)
    return text.endswith(":") and not any(map(_is_address, tokens))


class _Piece:
    """What stands between two semicolons, with at least one address.

    ``parts`` are the words since the last address, separated by commas.
    """

    def __init__(self, tokens, found):
        self.tokens, self.found = tokens, found
        self.parts, self.last = [[]], None
        self.is_alone = sum(map(_is_address, tokens)) == 1
        self.is_group = not self.is_alone and sum(t.text.endswith(":") for t in tokens) == 1
        self.is_behind = tokens[0].kind == "bare"  # names are behind their addresses

    def find(self):
        for token in self.tokens:
            if token.kind == "mailbox":
                self._mailbox(token.text)
            elif token.kind == "bare":
                self._bare(token.text)
            elif token.kind == "bad":
                self._leave(self.parts)
                self.found.add_bad(token.text)
            elif token.kind in ("comma", "tab"):
                self.parts.append([])
            else:
                self.parts[-1].append(token)
        self._end()

    def _mailbox(self, email):
        parts = self.parts
        if self.last and not self.last[0] and self.is_behind and len(parts) > 1 and parts[0]:
            self._name_last(parts.pop(0))
        if self.last and len(parts) > 1 and [token.kind for token in parts[0]] == ["comment"]:
            parts.pop(0)  # what is said of the last one
        if [token.kind for token in parts[-1]] == ["quoted"]:
            name = whole_name(parts.pop()[0].text, email)
            self._leave(parts)
        else:
            texts = list(map(text_of, parts))
            text = ", ".join([t for t in texts if any(map(str.isalnum, t))] or texts[-1:])
            name = named(text, email, is_first=self.last is None, is_group=self.is_group)
        self._add(name, email)

    def _bare(self, email):
        parts = self.parts
        if self.last and len(parts) == 1 and self.is_behind:
            self._name_last(parts.pop())
        elif self.last and len(parts) > 1:
            self._name_last(parts.pop(0))
        name = self._common(parts) if self.last is None else ""
        if name:
            parts = []
        elif parts:
            name = self._near(parts.pop())
        self._leave(parts)
        self._add(name, email)

    def _end(self):
        """The words behind the last address."""
        parts = self.parts
        if self.last and not self.last[0] and (name := self._common(parts)):
            self.last[0] = name
        elif self.last:
            self._name_last(parts.pop(0))
            self._leave(parts)
        else:
            self._leave(parts)

    def _add(self, name, email):
        self.last = self.found.add("" if name.lower() == email else name, email)
        self.parts = [[]]

    def _common(self, parts):
        """The name that several parts are, such as ``Last, First``, if there is one address only."""
        texts = [text for text in map(text_of, parts) if text and not is_aside(text)]
        if not texts or not self.is_alone or len(parts) < 2 or not all(map(is_name, texts)):
            return ""
        if len(texts) > 1 and not all(map(is_capital, texts)):
            return ""
        name = ", ".join(texts)
        return named(name) if len(name.split()) > 1 else ""

    def _near(self, part):
        """The name that the words beside an address without brackets are, or ''."""
        if [token.kind for token in part] in (["quoted"], ["comment"]):
            return whole_name(part[0].text)
        text = ASIDE.split(text_of(part), maxsplit=1)[0]
        name = named(text, is_first=self.last is None, is_group=self.is_group)
        return name if is_name(name) and not is_label(name) else ""

    def _name_last(self, part):
        if not self.last[0]:
            self.last[0] = self._near(part)

    def _leave(self, parts):
        """These words belong to no address."""
        for part in parts:
            self.found.add_bad(text_of(part))
        self.parts = [[]]
