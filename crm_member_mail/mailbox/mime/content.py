"""The content of an email: its text, its HTML and its files, whatever state it is in."""

import re
from dataclasses import dataclass, field, replace

from ..html.fence import plain_to_html
from ..html.plain_text import to_text
from ..types import Invitation, ParsedAttachment
from . import pictures
from .calendar import invitation
from .charset import decode_words
from .defects import TEXT_CUT
from .structure import kinds, protection
from .structure.containers import Enclosed
from .structure.dummy import is_dummy
from .structure.enclosures import is_incidental, is_logo
from .structure.file_names import attachment_name, is_for_a_body
from .structure.leaves import SHORT_BYTES, Branch
from .structure.parts import message_name, subject_of

#: Characters of HTML that may be an empty page; texts that are compared, of one alternative.
_BLANK, _FORMS = 4000, 10
#: A word at the beginning of an element.
_WORDS = re.compile(
    r"<(?:b|div|h[1-6]|li|p|span|td)(?: [a-z]{1,20}=\"[^\"<>]{0,200}\"){0,9}>\s*[^\W_]"
)


@dataclass(frozen=True, slots=True)
class Content:
    """What people see of an email. ``html`` is '' when no part was HTML; ``files`` are
    ParsedAttachments, ``leaves`` the parts themselves. ``protection`` and ``invitation`` are those of a
    ParsedMessage."""

    text: str
    html: str
    files: tuple
    leaves: tuple
    defects: tuple = ()
    protection: str = ""
    invitation: Invitation | None = None


def content_of(leaves, limits):
    """Put together what the parts of an email hold.

    :param Leaves leaves:
    :param Limits limits:
    :return: Content
    """
    found = _Found()
    found.add(leaves.root)
    if not found.bodies and found.inline:
        found = _Found(promoted=_only_text(found.inline))
        found.add(leaves.root)
    found.mark_encrypted_files()
    event = invitation.read(found.files, found.charsets)
    if event and not found.bodies:
        event = replace(event, is_alone=True)
        found.bodies = [(invitation.words(event), "")]
    bodies = [*found.bodies, *((text, "") for text in found.below)]
    text, html = _joined_text(bodies), ""
    if any(rich for _plain, rich in bodies):
        html = _joined_html(bodies)
    defects = leaves.defects
    if max(len(text), len(html)) > limits.body_characters:
        defects = tuple(dict.fromkeys([*defects, TEXT_CUT]))
    files = tuple(
        replace(file, incidental=file.incidental or is_logo(file, len(file.data), bool(html)))
        for file in pictures.marked(found.files, html)
    )
    text = text[: limits.body_characters]
    return Content(text, html, files, leaves.each, defects, found.protection, event)


def _only_text(inline):
    """Of files that may be the email's text, the first one, in all its forms: the Leafs of pairs of the
    alternative that they are in, or None, and the Leaf."""
    alternative, first = inline[0]
    return [leaf for other, leaf in inline if leaf is first or (other and other is alternative)]


@dataclass(slots=True)
class _Found:
    """What was found so far, in reading order.

    ``bodies`` are pairs of plain text and HTML, one of which may be ''. ``below`` are the texts of files
    that are short enough to be shown below. ``inline`` are files that may be the email's text, as of
    `_only_text`; those in ``promoted`` are. ``marks`` are SIGNED and ENCRYPTED, where they apply.
    ``charsets`` are those of calendars, by their content.
    """

    promoted: list = field(default_factory=list)
    bodies: list = field(default_factory=list)
    files: list = field(default_factory=list)
    below: list = field(default_factory=list)
    inline: list = field(default_factory=list)
    marks: set = field(default_factory=set)
    charsets: dict = field(default_factory=dict)
    alternative: tuple | None = None

    @property
    def protection(self):
        marks = (protection.ENCRYPTED, protection.SIGNED)
        return next((mark for mark in marks if mark in self.marks), "")

    def _mark(self, mark):
        """Note how something is protected, if it is; of what is encrypted, say so in its place, once."""
        if mark == protection.ENCRYPTED and mark not in self.marks:
            self.bodies.append((protection.NOTICE, ""))
        if mark:
            self.marks.add(mark)

    def add(self, node):
        if not isinstance(node, Branch):
            self._add_leaf(node)
        elif node.protection:
            self._add_protected(node)
        elif node.is_alternative:
            self._add_alternative(node.children)
        else:
            self._add_each(node.children)

    def _add_each(self, children):
        is_announced = False
        for child in children:
            before = len(self.files)
            self.add(child)
            if is_announced:
                self._make_incidental(before)
            is_announced = not isinstance(child, Branch) and _announces(child)

    def mark_encrypted_files(self):
        """Say so of an email that has no text, but a file that is a text encrypted by PGP."""
        for number, file in enumerate(self.files):
            if protection.is_encrypted_by_pgp(file.filename, file.data):
                if _joined_text(self.bodies) not in ("", protection.NOTICE):
                    return
                self._mark(protection.ENCRYPTED)
                self.files[number] = replace(file, incidental=True)

    def _make_incidental(self, begin):
        """The files from a place on come along by themselves."""
        self.files[begin:] = [replace(file, incidental=True) for file in self.files[begin:]]

    def _add_alternative(self, children):
        """One body in several forms: the best plain text and the best HTML, and everything else. Without
        HTML, texts that differ are no forms of one: all of them stay."""
        texts, rich, opened = [], "", ""
        for child in children:
            inner = replace(self, bodies=[], alternative=children)  # the other lists are shared
            inner.add(child)
            if any(_shows(html) for _text, html in inner.bodies):
                rich = _joined_html(inner.bodies)
            elif text := _joined_text(inner.bodies):
                texts.append(text)
                # What a container holds is more than the words for programs that can't open it.
                opened = opened or (_is_opened(child) and text)
        plain = opened or (texts[0] if rich and texts else _different(texts))
        if rich and is_dummy(plain):
            plain = ""
        if plain or rich:
            self.bodies.append((plain, rich))

    def _add_protected(self, node):
        """What is signed, and its signature; or what is encrypted: files without a meaning of their
        own."""
        self._mark(node.protection)
        for number, child in enumerate(node.children):
            before = len(self.files)
            self.add(child)
            if number or node.protection == protection.ENCRYPTED:
                self._make_incidental(before)

    def _add_leaf(self, leaf):
        if leaf.role == "text" and not leaf.inside:
            if not (self.alternative and leaf.kind in kinds.FOR_OTHERS):
                self._add_text(leaf)
        elif _announces(leaf):
            self._mark(protection.ENCRYPTED)
        elif isinstance(leaf.inside, Enclosed):
            self._mark(leaf.inside.mark)
            if leaf.inside.root:
                self.add(leaf.inside.root)
            else:
                self._add_file(leaf)
        elif leaf.inside:
            self._add_winmail(leaf.inside)
        elif any(leaf is promoted for promoted in self.promoted):
            self._add_text(leaf)
            if not is_for_a_body(leaf.name):
                self._add_file(leaf)
        else:
            self._add_file(leaf)
            if leaf.role == "inline":
                self._add_inline(leaf)

    def _add_file(self, leaf):
        data, kind = leaf.data, kinds.of_file(leaf.kind, leaf.name, leaf.data)
        if kinds.shown(leaf.kind) != leaf.kind:
            data = leaf.text.encode()
            if not data.strip():
                return
        name = leaf.name
        if not name and leaf.kind in kinds.MESSAGES:
            name = message_name(*subject_of(leaf.header))
        said = leaf.kind if kind == kinds.shown(leaf.kind) else kind
        if not name and isinstance(leaf.inside, Enclosed):
            said = kind = "application/pkcs7-mime"
        name = name or kinds.invented_name(said, len(self.files) + 1)
        file = ParsedAttachment(
            name,
            kind,
            data,
            leaf.content_id,
            location=leaf.location,
            # A container with a name of its own that is no email holds a document.
            incidental=is_incidental(said, name)
            and bool(leaf.inside or not protection.is_named_file(name)),
        )
        self.files.append(file)
        if invitation.is_calendar(file):
            self.charsets[data] = leaf.charset

    def _add_inline(self, leaf):
        if kinds.of_bytes(leaf.data):
            return  # no text, whatever it is called
        if leaf.kind in kinds.WRITTEN:
            self.inline.append((self.alternative, leaf))
        plain, rich = _text_body(leaf)
        if not rich and len(leaf.data) <= SHORT_BYTES and plain.strip():
            self.below.append(plain)

    def _add_winmail(self, opened):
        plain, rich = opened.body
        if not self.bodies:
            if plain or rich:
                self.bodies.append(opened.body)
        elif rich and len(self.bodies) == 1 and not self.bodies[0][1]:
            # Exchange sends the plain text beside the winmail.dat with the formatted one.
            self.bodies[0] = (self.bodies[0][0], rich)
        self.files += opened.files

    def _add_text(self, leaf):
        """Add a text to the bodies, and the files in its midst to the files."""
        body = self._unsealed(leaf) or _text_body(leaf)
        if body[0].strip() or body[1].strip():
            self.bodies.append(body)
        for name, data in leaf.files:
            name = attachment_name(decode_words(name))
            kind = kinds.of_file("", name, data)
            name = name or kinds.invented_name(kind, len(self.files) + 1)
            self.files.append(ParsedAttachment(name, kind, data))

    def _unsealed(self, leaf):
        """The body that a text with PGP in it makes: its words without the signature, or what is said of
        an encrypted one, which becomes a file; None when it is neither."""
        if "-----BEGIN PGP " not in leaf.text:
            return None
        plain = to_text(leaf.text) if leaf.kind == "text/html" else _text_body(leaf)[0]
        rest = protection.encrypted_text(plain)
        if rest is not None:
            if protection.ENCRYPTED not in self.marks:
                data = protection.encrypted_file(leaf.text)
                self.files.append(
                    ParsedAttachment("message.asc", "text/plain", data, incidental=True)
                )
            self._mark(protection.ENCRYPTED)
            return rest, ""
        words = protection.clear_signed(plain)
        self._mark(protection.SIGNED if words else "")
        return (words, "") if words else None


def _is_opened(node):
    return (
        not isinstance(node, Branch)
        and isinstance(node.inside, Enclosed)
        and bool(node.inside.root)
    )


def _announces(leaf):
    return leaf.role != "text" and (
        protection.announces_pgp(leaf.kind, len(leaf.data))
        or protection.says_version(leaf.kind, leaf.data)
    )


def _different(texts):
    """Texts one below another, without those that are in another one."""
    words, kept = [], []
    for text in texts[:_FORMS]:
        letters = "".join(text.split())
        if not any(letters in other or other in letters for other in words):
            words.append(letters)
            kept.append(text)
    return "\n\n".join(kept)


def _joined_text(bodies):
    return "\n\n".join(filter(None, (plain or to_text(rich) for plain, rich in bodies))).strip()


def _joined_html(bodies):
    return "<hr>".join(rich or plain_to_html(plain) for plain, rich in bodies if rich or plain)


def _shows(rich):
    """Whether HTML has anything to see in it: of short one, that is not sure."""
    if not rich or len(rich) > _BLANK:
        return bool(rich)
    lower = rich.lower()
    return "<img" in lower or _has_words(lower) or bool(to_text(rich).strip())


def _has_words(lower):
    """Whether HTML in lower case has words in it for sure: most has, and is spared the parser."""
    start = 0
    if any(mark in lower for mark in ("<!-", "<script", "<template")):
        return False
    for tag in ("head", "style", "title"):
        end = lower.rfind(f"</{tag}")
        if lower.rfind(f"<{tag}") > end:
            return False
        start = max(start, end)
    return bool(_WORDS.search(lower, start))


def _text_body(leaf):
    text = leaf.text
    if leaf.kind == "text/html":
        return "", text
    if leaf.kind in ("text/enriched", "text/richtext"):
        # RFC 1896 section 3: "<<" is a "<"; single line breaks are blanks.
        text = _MARKS.sub(_unmarked, text)
    elif leaf.flow:
        text = _unflowed(text, leaf.flow == "delsp")
    return text, ""


#: A "<" that is one, or a command.
_MARKS = re.compile(r"<<|<([^<>]*)>")


def _unmarked(match):
    return "<" if match[0] == "<<" else "\n" if (match[1] or "").lower() == "nl" else ""


def _unflowed(text, delete_space):
    """Paragraphs of format=flowed (RFC 3676) as long lines."""
    lines, open_depth = [], None
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        body = line[depth:]
        body = body[1:] if body.startswith(" ") else body
        flows = body.endswith(" ") and body != "-- "
        body = body[:-1] if flows and delete_space else body
        if open_depth == depth:
            lines[-1].append(body)
        else:
            lines.append([">" * depth, " " if depth else "", body])
        open_depth = depth if flows else None
    return "\n".join(map("".join, lines))
