"""How the lines of a header become fields: the one reading of them.

It serves the header fields that a server picks out (:mod:`~..imap.fetch`) and whole messages
(:mod:`~.splitter`) alike, so that what is matched by the first is found in the second again.

A header ends at the first blank line. Lines in it that are neither a field nor indented, *odd lines*,
come from filters, from mailers that fold without indenting, and from mailers that forget the blank
line, so that they are the text. They belong to the header if a field of a well-known name comes behind
them. Any other name counts if nothing but fields follows up to the blank line, and one of them has a
name that is used in headers: is registered or has a hyphen. So ordinary prose ("Note: …") is text,
and is never taken for a header where the whole message has no blank line.

A field on a first line that is indented, or with a blank before its colon, counts only if there is no
other of its name: servers overlook it when they pick out fields.

What is in odd lines is lost, except that they continue what is obviously cut off: an address field
without an address or with a comma at its end, and lists of Message-IDs. Those behind a Subject are
shown with it, but aren't part of its value, and so not of the header digest (:mod:`~.identity`):
servers leave them out of what they pick out. A line with a parameter of a part (``name="a.pdf"``) isn't
odd behind the field that describes the part, whose value it continues.

In the header of a part, only the names of fields that describe parts are well known.
"""

import re
from dataclasses import dataclass

from .addresses import parse_header

#: A name as of RFC 5322 section 2.2 and its colon. Times and URLs at the beginning of a line are none.
_FIELD = re.compile(rb"(?![0-9.,]+[ \t]*:)([!-9;-~]{1,998})[ \t]*:(?!//)[ \t]*")

#: The fields of RFC 5322 section 3.6 whose names have no hyphen, except Comments and Keywords, which
#: prose begins with, too; those with one in IANA's registry of message headers (RFC 3864), for mail; of
#: netnews (RFC 5536) what is used in mail; and Exim's Envelope-To. Whole families are added below.
_REGISTERED = """
    From Sender To Cc Bcc Subject Date Received References Reply-To Message-ID In-Reply-To Return-Path
    Accept-Language Alternate-Recipient Apparently-To Archived-At Authentication-Results Auto-Submitted
    Conversion-With-Loss Deferred-Delivery Delivered-To Delivery-Date Discarded-X400-IPMS-Extensions
    Discarded-X400-MTS-Extensions Disclose-Recipients Disposition-Notification-Options
    Disposition-Notification-To DKIM-Signature DL-Expansion-History EDIINT-Features Eesst-Version
    Errors-To Expiry-Date Form-Sub Generate-Delivery-Report HP-Outer Incomplete-Copy Jabber-ID
    Latest-Delivery-Time Message-Context Message-Type MIME-Version MT-Priority
    Original-Encoded-Information-Types Original-From Original-Message-ID Original-Recipient
    Original-Subject Originator-Return-Address PICS-Label Prevent-NonDelivery-Report Received-SPF
    Reply-By Require-Recipient-Valid-Since Return-Receipt-To SIO-Label SIO-Label-History
    TLS-Report-Domain TLS-Report-Submitter TLS-Required VBR-Info
    Injection-Date Injection-Info Mail-Copies-To NNTP-Posting-Date NNTP-Posting-Host User-Agent
    Envelope-To
"""

#: Names by which a header is known to go on, whatever follows them.
_WELL_KNOWN = re.compile(
    rb"(?:%b|(?:Content|Resent|List|ARC|MMHS|X400|Downgraded|X)-[!-9;-~]{1,99})[ \t]*:"
    % "|".join(sorted(_REGISTERED.split(), key=len, reverse=True)).encode(),
    re.IGNORECASE,
)

#: Names that are used in headers: those with a hyphen and those of IANA's registry without one.
_IN_USE = re.compile(
    rb"(?!E-?Mail[ \t]*:)(?:[!-,.-9;-~]{1,99}-[!-9;-~]{1,99}|Approved|Comments|Distribution|Encrypted|"
    rb"Expires|Followup|Importance|Keywords|Language|Lines|Newsgroups|Organi[sz]ation|Path|"
    rb"Precedence|Priority|Sensitivity|Status|Supersedes|Summary)[ \t]*:",
    re.IGNORECASE,
)

#: Fields that describe a part (RFC 2045 section 3), and lines that continue those with parameters: some
#: names of parameters do so in any case, others behind a semicolon.
_OF_PARTS = re.compile(rb"Content-[!-9;-~]{1,99}[ \t]*:", re.IGNORECASE)
_WITH_PARAMETERS = (b"content-type", b"content-disposition")
_PARAMETER = re.compile(
    rb"(?:((?:file)?name|charset|boundary)|[a-z][a-z-]{1,30})(?:\*\d{0,2}\*?)?[ \t]{0,9}="
    rb"[ \t]{0,9}[^\s=]",
    re.IGNORECASE,
)

#: A line that is no sentence: a value that Exchange writes below the name of its field.
_VALUE = re.compile(rb"[^\s<]{8,998}")

#: How many lines of text may precede a well-known field where no blank line ends the header.
_GAP = 10

#: Text for certain: HTML, and the first part of a multipart.
_HTML = re.compile(
    rb"<(?:!doctype|html|head|body|meta|style|div|p|br|table|span|font|a|b)\b[^@]*$", re.IGNORECASE
)

_COLON = ord(":")
_BLANK_LINE = re.compile(rb"\n\r*\n")
_MBOX_LINE = re.compile(rb">?From (?![ \t]*:)")
_BOM = b"\xef\xbb\xbf"

_ADDRESS_FIELDS = re.compile(rb"(?:resent-)?(?:from|sender|to|cc|bcc|reply-to)", re.IGNORECASE)
_ID_FIELDS = (b"references", b"in-reply-to")


@dataclass(frozen=True, slots=True)
class Header:
    """The fields of a header, pairs of name and value as bytes, with folds undone. ``end`` is where
    the text begins if the blank line before it is missing, else None; ``subject_rest`` are the odd
    lines behind the Subject."""

    fields: list
    end: int | None = None
    subject_rest: bytes = b""


def opened(data):
    """A message without what may precede its header (a byte order mark, the line that separates
    messages in mbox files), and without the line ends of the old Macintosh."""
    data = data.removeprefix(_BOM)
    if b"\r" in data and b"\n" not in data[:100_000].removesuffix(b"\n"):
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return data.partition(b"\n")[2] if _MBOX_LINE.match(data) else data


def fields_of(data):
    """The fields of the header with which ``data`` begins: list of pairs of lower-case name and
    value, as bytes."""
    data = opened(data)
    if data.startswith((b"\n", b"\r\n")):
        return []
    blank = _BLANK_LINE.search(data)
    block = data[: blank.start()] if blank else data
    return [(name.lower(), value) for name, value in cut(block, bool(blank)).fields]


def cut(block, is_closed=True, is_part=False):
    """Cut a header into fields.

    :param bytes block: its lines
    :param bool is_closed: whether a blank line follows
    :param bool is_part: it is the header of a part
    :return: Header
    """
    lines = block.split(b"\n")
    indent = _common_indent(lines) if block[:1] in (b" ", b"\t") else b""
    fields, rest = _Fields(), False
    end = None
    for number, line in enumerate(lines):
        line = line.rstrip(b"\r")
        if indent:
            line = line.removeprefix(indent)
        if not number:
            line = line.lstrip(b" \t")  # there is nothing that it could continue
        if line[:1] in (b" ", b"\t"):
            fields.go_on(line, rest)
        elif fields.has_parameters and fields.is_continued_by(line):
            fields.go_on_with_parameter(line)
        elif is_part and fields.lacks_value and _VALUE.fullmatch(line) and not _FIELD.match(line):
            fields.go_on(b" " + line, False)
        elif match := _FIELD.match(line):
            name, is_indented = match[1], not number and not indent and block[:1] in b" \t"
            is_overlooked = is_indented or line[len(name)] != _COLON
            fields.begin(name, line[match.end() :], is_overlooked)
            rest = False
        elif line:
            if end is None:
                end = _end(lines, number, is_closed, is_part)
            if number >= end:
                at = sum(map(len, lines[:number])) + number
                break
            rest = True
            fields.go_on(line, rest)
    else:
        at = None
    return Header(fields.done(), at, fields.subject_rest)


class _Fields:
    """The fields that were found so far, and the one whose lines are being read."""

    def __init__(self):
        self.found = []
        self.subject_rest = b""
        self.has_parameters = False  # the field whose lines are being read
        self._name, self._lines, self._rest = None, [], []
        self._quotes = self._counted = 0  # quotation marks in so many lines
        self._overlooked = []  # places in `found`

    def begin(self, name, value, is_overlooked):
        self._finish()
        self._name, self._lines, self._rest = name, [value], []
        self.has_parameters = name[:1] in b"cC" and name.lower() in _WITH_PARAMETERS
        self._quotes = self._counted = 0
        if is_overlooked:
            self._overlooked.append(len(self.found))

    def go_on(self, line, is_odd):
        if not is_odd:
            self._lines.append(line)
        elif not _MBOX_LINE.match(line):
            self._rest.append(b" " + line)

    @property
    def lacks_value(self):
        """Whether the field whose lines are being read has nothing behind its name."""
        return self._name is not None and len(self._lines) == 1 and not self._lines[0].strip()

    def is_continued_by(self, line):
        """Whether a line that isn't indented has a parameter of this field, or the end of one."""
        if self._rest:
            return False
        value = self._lines[-1].rstrip()
        if match := _PARAMETER.match(line):
            return bool(match[1]) or value.endswith(b";")
        return b'"' in line and self._is_within_quotes()

    def _is_within_quotes(self):
        self._quotes += sum(part.count(b'"') for part in self._lines[self._counted :])
        self._counted = len(self._lines)
        return self._quotes % 2 == 1

    def go_on_with_parameter(self, line):
        is_parameter = _PARAMETER.match(line) and not self._lines[-1].rstrip().endswith(b";")
        self._lines.append((b"; " if is_parameter else b" ") + line)

    def done(self):
        self._finish()
        if self._overlooked:
            places = set(self._overlooked)
            plain = {n.lower() for at, (n, _v) in enumerate(self.found) if at not in places}
            self.found = [
                field
                for at, field in enumerate(self.found)
                if at not in places or field[0].lower() not in plain
            ]
        return self.found

    def _finish(self):
        if self._name is None:
            return
        value = b"".join(self._lines) if len(self._lines) > 1 else self._lines[0]
        if self._rest:
            value = self._with_rest(value, b"".join(self._rest))
        if b"\r" in value:
            value = value.replace(b"\r", b" ")
        self.found.append((self._name, value))

    def _with_rest(self, value, rest):
        name = self._name.lower()
        if name == b"subject":
            self.subject_rest = self.subject_rest or rest.replace(b"\r", b" ")
        elif name in _ID_FIELDS or (
            _ADDRESS_FIELDS.fullmatch(name) and is_cut_off(value, parse_header(value, "to"))
        ):
            return value + rest
        return value


def is_cut_off(value, addresses):
    """Whether an address field with the value ``value``, and these addresses in it, seems to go on in
    odd lines. An empty group (``undisclosed-recipients:;``) doesn't."""
    if isinstance(value, str):
        value = value.encode("utf-8", "surrogateescape")
    value = value.rstrip()
    return value.endswith(b",") or not (addresses or value.endswith(b";"))


def _common_indent(lines):
    """The blanks with which all lines begin, of the first one or none."""
    first = lines[0]
    indent = first[: len(first) - len(first.lstrip(b" \t"))]
    whole = all(line.startswith(indent) for line in lines if line.strip(b"\r"))
    return indent if whole and len(lines) > 1 else b""


def _end(lines, number, is_closed, is_part):
    """The number of the line with which the text begins, given that of the first odd line; how many
    lines there are when it doesn't begin in them."""
    end, last = number, len(lines)
    known = _OF_PARTS if is_part else _WELL_KNOWN
    for at in range(number, last):
        line = lines[at]
        if line[:1] in (b" ", b"\t"):
            end += at == end
        elif known.match(line):
            end = at + 1
        elif _is_text(lines, at, is_closed):
            return end
        if not is_closed and at - end >= _GAP:
            return end
    if is_part or not is_closed:
        return end
    in_use = False
    for line in reversed(lines[end:]):
        if line[:1] in (b" ", b"\t"):
            continue
        if not _FIELD.match(line):
            break
        in_use = in_use or bool(_IN_USE.match(line))
    return last if in_use else end


def _is_text(lines, at, is_closed):
    line = lines[at]
    if line.startswith(b"--"):
        return b"".join(lines[at + 1 : at + 2])[:8].lower() == b"content-"
    is_html = line.startswith(b"<") and _HTML.match(line.rstrip(b"\r"))
    return bool(is_html) and not (is_closed and _are_fields(lines[at + 1 :]))


def _are_fields(lines):
    """Whether there is nothing but fields in lines, and a well-known one among them."""
    lines = [line for line in lines if line[:1] not in (b" ", b"\t")]
    return all(map(_FIELD.match, lines)) and any(map(_WELL_KNOWN.match, lines))
