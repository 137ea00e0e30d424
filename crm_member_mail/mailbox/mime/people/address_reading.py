"""An address header read by tokens, when it is in none of the common forms."""

import re

from ...types import Address
from ..charset import clean, decode_as_named, decode_words, one_line, shown_words
from .address_form import canonical_form

#: Addresses of one header beyond this number are left out: no list that long is correspondence.
MAX_ADDRESSES = 5000

#: Characters between angle brackets that are searched for an address, comments among them.
_MAX_HIDDEN = 2000

#: Encoded words come before quotes, because some mailers leave a bare `"` or `,` in them. One with an
#: angle bracket doesn't count, so that it can't hide an address that others see.
_TOKEN = re.compile(
    r"""(?P<blank>\s+)
      | (?P<encoded>=\?[^?\s<>]*\?[bBqQ]\?[^?\s<>]*\?=)
      | (?P<quoted>"(?:[^"\\]|\\.)*")
      | (?P<angle><(?:[^<>()]|\([^()]*\))*>|<[^<>]*>?)
      | (?P<literal>\[[^\[\]\s<>]*\])
      | (?P<escape>\\.)
      | (?P<text>[^\s",;:()<>\[\\=]+)
      | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)

_PARENTHESIS = re.compile(r"\\.|[()]", re.DOTALL)

#: What may stand between angle brackets: comments are left out.
_IN_ANGLE = re.compile(r'"(?:[^"\\]|\\.)*"|\\.|[()]|[^"\\()]+|.', re.DOTALL)

#: Relays and gateways put their name, or the kind of the address, before it: `<SMTP:ada@x.example>`,
#: `relay.example:ada@x.example`, `relay.example!ada@x.example`.
_ROUTE = re.compile(
    r"(?:(?:smtp|internet|e-?mail|[a-z0-9-]+(?:\.[a-z0-9-]+)+)[:!])+(?=[^:!@]+@[^:!@]+\Z)",
    re.IGNORECASE,
)

_HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.IGNORECASE)

#: Fields that list people. In the others, which tell who wrote, less is guessed.
_LISTS = ("to", "cc", "bcc", "resent")

#: Brackets that are typed in place of `<` and `>`.
_BRACKETS = tuple("<>{}«»‹›〈〉《》")


class Reading:
    """A header being read by tokens: what was found, and what was seen since the last comma.

    ``is_inner``: it reads what was quoted or encoded.
    """

    def __init__(self, role, is_inner=False):
        self.role = role
        self.is_list = role in _LISTS
        self.is_inner = is_inner
        self.found = []
        self.unclosed = False  # a quote that never ends: after it, commas separate nothing
        self._forget()

    def _forget(self):
        self.pieces = []  # of (kind, text)
        self.comment = ""  # the first one before or behind the address
        # Looking through the pieces at each comma would take forever.
        self.has_angle = self.has_at = False

    def addresses_in(self, text):
        """The addresses in ``text``: list of Address."""
        position = 0
        while position < len(text) and len(self.found) < MAX_ADDRESSES:
            match = _TOKEN.match(text, position)
            position = match.end()
            kind, piece = match.lastgroup, match[0]
            if piece == '"':
                # No later quote can end it, so none of them is looked at again.
                text, position = text[position:].replace('"', " "), 0
                self.unclosed = True
            elif piece == "(":
                position = self._comment(text, position)
            elif kind == "angle":
                position = self._angle(match)
            elif piece in (",", ";", ":"):
                self._separator(piece)
            else:
                self._word(kind, piece)
        self._finish()
        return self.found[:MAX_ADDRESSES]

    def _angle(self, match):
        piece, position = match[0], match.end()
        if not piece.endswith(">"):
            # `Ana <ana@x.example, Ben ...`: the bracket isn't closed, so it ends at the comma.
            end = min((i for i in map(piece.find, ",;") if i > 0), default=len(piece))
            piece, position = piece[:end] + ">", match.start() + end
        self.pieces.append(("angle", piece[1:-1]))
        self.has_angle = True
        return position

    def _comment(self, text, start):
        """Where the comment ends whose parenthesis is before ``start``. One that is never closed hides
        everything that follows, as in most mail clients."""
        end = _end_of_comment(text, start)
        if end and not self.comment and (self.has_angle or self.has_at or not self.pieces):
            self.comment = text[start : end - 1]
        return end or len(text)

    def _separator(self, piece):
        if self.unclosed or (piece == ":" and (self.has_angle or self._follows_sender())):
            self._word("text", piece)
        elif piece == ":":
            self._forget()  # it was the name of a group (or of a route, or `mailto`)
        elif piece == "," and self.pieces and not (self.has_angle or self.has_at):
            # `Lima, Ana <ana@members.example>`: a comma in a name without quotes.
            self._word("comma", piece)
        else:
            self._finish()

    def _follows_sender(self):
        """Whether an address was seen that may be the sender's (`ada@x.example:ben@y.example`), rather
        than a route or the name of a group of recipients."""
        return self.has_at and not self.is_list and not self.pieces[0][1].startswith("@")

    def _word(self, kind, piece):
        if kind == "blank" and not self.pieces:
            return
        is_blank = kind == "blank" and piece != "\u3000"
        self.pieces.append((kind, " " if is_blank else piece))
        if kind != "quoted":
            self.has_at = self.has_at or "@" in piece

    def _finish(self):
        """Treat what was collected since the last comma as a mailbox, or as several without commas."""
        if self.has_angle:
            mailboxes = self._with_angles()
        else:
            mailboxes = self._wrapped() or self._in_square_brackets() or self._bare()
        if len(mailboxes) == 1 and self.comment and not mailboxes[0][0]:
            # `ada@x.example (Ada Lovelace)`, as of RFC 822
            mailboxes = [(_name(_unescaped(self.comment)), mailboxes[0][1])]
        self.found += [Address(self.role, name, email) for name, email in dict.fromkeys(mailboxes)]
        self._forget()

    def _with_angles(self):
        """Pairs of name and address of mailboxes such as `Ada <a@x>`."""
        found, words, glued = {}, [], False
        for kind, piece in self.pieces:
            email = _in_angle(piece) if kind == "angle" else ""
            if email:
                if found and email not in found and not self._may_follow(words):
                    return []
                found.setdefault(email, _name("".join(map(_unquoted, words))))
                words, glued = [], True
            elif kind != "angle":
                glued = glued and kind != "blank"
                if glued and "@" in piece:
                    return []  # `<a@x>@y`: mail clients disagree
                words.append((kind, piece))
        mailboxes = [(name, email) for email, name in found.items()]
        raw = "".join(piece for kind, piece in self.pieces if kind not in ("encoded", "angle"))
        if len(found) > 1 and (self.unclosed or "=?" in raw):
            return []  # parts of a name that was meant to be quoted or encoded
        if any("@" in piece for kind, piece in words if kind != "quoted"):
            behind = self._addresses_of_words(words)
            return mailboxes + behind if found and self.is_list and behind else []
        return mailboxes

    def _may_follow(self, words):
        """Whether these words between two angle brackets with addresses are the name of the second."""
        if self.is_list:
            return True
        text = "".join(piece for _kind, piece in words)
        # `'Ada <a@x>' <b@y>` was meant to be one name.
        return "@" not in text and any(map(str.isalnum, text)) and not text.rstrip().endswith("'")

    def _wrapped(self):
        """Mailboxes that are quoted or encoded as a whole, if there is nothing else."""
        kinds = {kind for kind, _piece in self.pieces} - {"blank", "comma"}
        if self.is_inner or len(kinds) != 1 or not kinds <= {"encoded", "quoted"}:
            return []
        if "encoded" in kinds:
            text = decode_words("".join(piece for _kind, piece in self.pieces))
        else:
            text = "".join(map(_unquoted, self.pieces))
        found = Reading(self.role, is_inner=True).addresses_in(text)
        if len(found) > 1 and not self.is_list:
            return []
        return [(address.name, address.email) for address in found]

    def _in_square_brackets(self):
        """Mailboxes such as `Ada [a@x]` or `[mailto:a@x]`, if there is no other address."""
        found, words = [], []
        for kind, piece in self.pieces:
            email = _in_angle(piece[1:-1]) if kind == "literal" and "@" in piece else ""
            if email:
                found.append((_name("".join(map(_unquoted, words))), email))
                words = []
            elif kind != "quoted" and "@" in piece:
                return []
            else:
                words.append((kind, piece))
        return found if len(found) == 1 or self.is_list else []

    def _bare(self):
        """Mailboxes without brackets: one with words around it, or several."""
        words = "".join(piece for _kind, piece in self.pieces).strip()
        names = _without_quoted_words(self.pieces)
        email = _canonical_of_words(words) or _canonical_of_words(names)
        if email:
            return [(self._name_before_address(), email)]
        return [] if self.unclosed else self._addresses_of_words(self.pieces)

    def _name_before_address(self):
        """The name in `Ada Lovelace ada@x.example`; '' when it is a host's."""
        at = next(
            n for n, (kind, piece) in enumerate(self.pieces) if kind != "quoted" and "@" in piece
        )
        if self.pieces[at][1].startswith("@") and self.pieces[at - 1][0] == "blank":
            return ""  # `ada @ x.example`
        while at and self.pieces[at - 1][0] not in ("blank", "comma"):
            at -= 1
        words = [piece for piece in self.pieces[:at] if piece[0] != "literal"]
        name = _name("".join(map(_unquoted, words)))
        return "" if _HOST.fullmatch(name) else name

    def _addresses_of_words(self, pieces):
        """Mailboxes in words without brackets, if each word with an @ is one."""
        words = _without_quoted_words(pieces).replace(",", " ").split()
        found = []
        for number, word in enumerate(words):
            if "@" in word:
                before = words[number - 1] if number else ""
                behind = words[number + 1] if number + 1 < len(words) else ""
                is_part = word[0] == "." or before.endswith(".") or _goes_on(word, behind)
                email = "" if is_part else _canonical_of_word(word)
                if not email or len(found) > MAX_ADDRESSES:
                    return found if email else []
                found.append(("", email))
        return found if self.is_list or len(found) == len(words) else []


def _end_of_comment(text, position):
    """Where the comment ends whose parenthesis is before ``position``; comments nest. 0 when it is
    never closed."""
    depth = 1
    for match in _PARENTHESIS.finditer(text, position):
        depth += {"(": 1, ")": -1}.get(match[0], 0)
        if not depth:
            return match.end()
    return 0


def _unquoted(piece):
    kind, text = piece
    return _unescaped(text[1:-1]) if kind == "quoted" else text


def _unescaped(text):
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)


def _without_quoted_words(pieces):
    """The text of pieces, without quoted ones that stand alone between blanks, which are names."""
    kept = []
    for number, (kind, piece) in enumerate(pieces):
        alone = kind == "quoted" and all(
            pieces[beside][0] in ("blank", "comma")
            for beside in (number - 1, number + 1)
            if 0 <= beside < len(pieces)
        )
        kept.append(" " if alone else piece)
    return "".join(kept).strip(" ,")


def _canonical_of_word(word):
    if word.endswith(_BRACKETS):
        word = word.strip("".join(_BRACKETS))
    return canonical_form(_no_route(word))


def _canonical_of_words(words):
    """The address of a mailbox without angle brackets, if nothing else could be meant."""
    if email := _canonical_of_word(words):
        return email
    before, at, behind = words.partition("@")
    if not at or "@" in behind or not behind.split() or before.endswith((" ", ",")):
        return ""
    # `Ana ana@x.example` is read as Odoo does, but `john . doe@x.example` is not doe's (RFC 5322
    # section 4.4), and a quoted name isn't part of the address either.
    pieces = re.split(r"[\s,]+", before)
    if pieces[-1].startswith(".") or '"' in pieces[-1]:
        return ""
    if len(pieces) > 1 and pieces[-2].endswith("."):
        return ""
    domain, *rest = behind.split()
    if rest and _goes_on(domain, rest[0]):
        return ""
    return _canonical_of_word(f"{pieces[-1]}@{domain}")


def _goes_on(word, following):
    """Whether a domain may go on in the following word: `ada@x.example .evil.example`, as blanks may
    stand around its dots (RFC 5322 section 4.4)."""
    parts_meet = following.startswith(".") or (word.endswith(".") and following)
    return bool(parts_meet) and "@" not in following


def _in_angle(text):
    """The address between angle brackets, without comments and needless blanks; '' when it is none."""
    if len(text) > _MAX_HIDDEN:
        return ""
    if "(" in text:
        text = _without_comments(text)
    words = text.split()
    if len(words) > 1 and '"' not in text:
        text = " ".join(words)
        for sign in ".@":
            text = text.replace(f" {sign}", sign).replace(f"{sign} ", sign)
    return _canonical_of_word(text)


def _without_comments(text):
    """``text`` without comments, which nest; '' when one of them is never closed."""
    kept, depth = [], 0
    for match in _IN_ANGLE.finditer(text):
        piece = match[0]
        if piece in "()":
            depth += 1 if piece == "(" else -1
            if depth < 0:
                return ""
        elif not depth:
            kept.append(piece)
    return "" if depth else "".join(kept)


def _no_route(text):
    """The address without an obsolete route `@a,@b:` (RFC 5322 section 4.4) or the like before it."""
    text = text.strip()
    if text.startswith("@"):
        return text.rpartition(":")[2]
    return text[_ROUTE.match(text).end() :] if _ROUTE.match(text) else text


def _name(text):
    text = text.strip(" \t\r\n,")
    if text.startswith("=?") and "?=" not in text:
        text += "?="  # an encoded word with an angle bracket in it
    text = shown_words(text, reader=decode_as_named)
    if len(text) > 1 and text.startswith('"') and text.endswith('"'):
        text = text[1:-1]  # quotes within an encoded word
    return one_line(clean(text))[:256]
