"""A filed message turned back into an email, for when the mail server no longer has the original."""

import re
from base64 import encodebytes
from email import policy
from email.headerregistry import Address
from email.message import Message
from email.utils import format_datetime, formataddr
from uuid import uuid4

from pytz import utc

from odoo import SUPERUSER_ID

#: The header that says so, and what it says.
MARK = "X-Member-Mail-Rebuilt"
REASON = (
    "The original could not be read from the mail server. Odoo rebuilt this email from its copy."
)
INCOMPLETE = "Attachments that are only on the mail server are missing."

#: Fields that are not copied: those that describe the parts are made again, and the original's
#: signatures would not match.
_NOT_KEPT = re.compile(
    r"content-.*|mime-version|lines|dkim-signature|domainkey-signature|arc-.*|x-google-dkim-signature|"
    + MARK.lower()
)
_FIELD = re.compile(r"([!-9;-~]{1,200})[ \t]*:[ \t]*(.*)")
_ROLES = {"from": "From", "reply_to": "Reply-To", "to": "To", "cc": "Cc"}
_KIND = re.compile(r"[a-z0-9][a-z0-9.+-]{0,100}/[a-z0-9][a-z0-9.+-]{0,100}")
_IMAGE = re.compile(r"/web/image/(\d{1,18})(?![\w/?-])")

#: What a line may be long, without its end (RFC 5322 section 2.1.1).
_LINE = 78


class _Policy(policy.Compat32):
    """Long lines are folded; bytes beyond ASCII stay as they are. What is printable ASCII, as most, is
    folded at blanks without looking at it character by character."""

    def fold_binary(self, name, value):
        if type(value) is str and value.isascii() and value.isprintable():
            return f"{_folded(f'{name}: {value}', self.linesep)}{self.linesep}".encode("ascii")
        return super().fold_binary(name, value)


def _folded(line, linesep):
    """A field on lines that are as short as its blanks allow; without them, it is the same."""
    if len(line) <= _LINE:
        return line
    name, *words = line.split(" ")
    # Something stays beside the name: a line of a name alone would be a field that ends there to some.
    lines, length = [[name, *words[:1]]], len(name) + 1 + sum(map(len, words[:1]))
    for word in words[1:]:
        if word and length + 1 + len(word) > _LINE:
            lines.append(["", word])
            length = 0
        else:
            lines[-1].append(word)
        length += 1 + len(word)
    return linesep.join(map(" ".join, lines))


_POLICY = _Policy(linesep="\r\n")


def rebuild(message, headers):
    """The email, as bytes, of a `member.mail.message` that the user may read.

    :param headers: what `_readable_headers` has of it

    The parts are put together here: Python's `email`, which writes their headers, would look through all
    of them again, and take half of the time that an export of many takes.
    """
    files = message.sudo().attachment_ids.sorted("id")
    own, body = _content(message, files)
    kept = _kept(headers)
    fields = [
        *kept,
        *_missing(message, {name.lower() for name, _value in kept}),
        (MARK, f"{REASON} {INCOMPLETE}" if message.is_partial else REASON),
        # Behind the original's fields, as they would be in any email.
        ("MIME-Version", "1.0"),
        *own,
    ]
    return b"".join([_head(fields), *body])


def _head(fields):
    """The bytes of a header, with the empty line after it."""
    lines = [_POLICY.fold_binary(name, _raw(value)) for name, value in fields]
    return b"".join([*lines, b"\r\n"])


def _kept(headers):
    """(name, value) of the fields of a header that are copied, unfolded."""
    fields = []
    for line in headers.split("\n"):
        if line.startswith((" ", "\t")):
            if fields:
                fields[-1][1].append(line.strip())
        elif match := _FIELD.fullmatch(line):
            fields.append((match[1], [match[2].strip()]))
        else:
            fields.append(("", []))  # no field, nor what continues it
    return [
        (name, " ".join(filter(None, lines)))
        for name, lines in fields
        if name and not _NOT_KEPT.fullmatch(name.lower())
    ]


def _missing(message, there):
    """(name, value) of the fields that an email should have and that are not ``there``, a set of names
    in small letters. Nothing else is read of what is there."""
    people = message.participant_ids
    wanted = {
        **{name: lambda role=role: _addresses(people, role) for role, name in _ROLES.items()},
        "Subject": lambda: message.subject,
        "Date": lambda: format_datetime(utc.localize(message.date)),
        "Message-ID": lambda: message.rfc_message_id,
    }
    found = [(name, value()) for name, value in wanted.items() if name.lower() not in there]
    return [(name, value) for name, value in found if value]


def _addresses(people, role):
    return ", ".join(_address(one.name, one.email) for one in people if one.role == role)


def _address(name, email):
    name, email = _line(name or ""), _line(email or "")
    if email.isascii():
        return formataddr((name, email))
    local, _at, domain = email.rpartition("@")
    return str(Address(name, local, domain))


def _line(text):
    return " ".join(text.split())


def _raw(value):
    """A header value in the form in which `email` keeps bytes beyond ASCII unchanged (RFC 6532)."""
    return _line(value).encode("utf-8", "replace").decode("ascii", "surrogateescape")


# A part is a pair of its fields, as (name, value), and of its body, as a list of bytes.


def _content(message, files):
    """The part that holds all others: text, HTML with its images, attachments."""
    html, images = _html(message, files)
    content = _text(message.body_text or "", "plain")
    if html:
        rich = _text(html, "html")
        if images:
            pictures = (_file(image, inline=True) for image in images)
            rich = _multipart("related", [rich, *pictures], '; type="text/html"')
        content = _multipart("alternative", [content, rich])
    others = files - images
    if others:
        content = _multipart("mixed", [content, *map(_file, others)])
    return content


def _text(text, kind):
    return _base64(
        text.encode("utf-8", "replace"), ("Content-Type", f'text/{kind}; charset="utf-8"')
    )


def _base64(data, *fields):
    encoded = encodebytes(data).replace(b"\n", b"\r\n")
    return [*fields, ("Content-Transfer-Encoding", "base64")], [encoded]


def _multipart(kind, parts, more=""):
    boundary = f"=={uuid4().hex}=="  # one that nobody can guess
    begin = f"--{boundary}\r\n".encode()
    body = [piece for fields, inner in parts for piece in (begin, _head(fields), *inner, b"\r\n")]
    body.append(f"--{boundary}--\r\n".encode())
    return [("Content-Type", f'multipart/{kind}; boundary="{boundary}"{more}')], body


def _html(message, files):
    """The HTML with references to parts, and the attachments that it refers to."""
    by_id = {file.id: file for file in files}
    shown = files.browse()

    def reference(match):
        nonlocal shown
        file = by_id.get(int(match[1]))
        if not file:
            return match[0]
        shown |= file
        return f"cid:{_content_id(file)}"

    return _IMAGE.sub(reference, message.body or ""), shown


def _content_id(file):
    kept = file.description or ""
    return kept if re.fullmatch(r"[\w.@+$-]{1,200}", kept, re.ASCII) else f"{file.id}@rebuilt"


def _file(file, inline=False):
    kind = (file.mimetype or "").lower()
    # An email within the email may not be encoded (RFC 2046 section 5.2.1): here it is a file.
    if not _KIND.fullmatch(kind) or kind.startswith(("multipart/", "message/")):
        kind = "application/octet-stream"
    # Without prefetching: Odoo would read the files of all messages that are read together. Whoever
    # wants the message has noted that already, for many at once.
    file = file.with_user(SUPERUSER_ID).with_prefetch()
    data = file.raw or b""
    file.invalidate_recordset(["raw"], flush=False)
    name = _line(file.name or "") or "attachment"
    name = name if name.isascii() else ("utf-8", "", name.encode("utf-8", "replace").decode())
    named = Message()
    named.add_header("Content-Disposition", "inline" if inline else "attachment", filename=name)
    fields = [("Content-Type", kind), *named.items()]
    if inline:
        fields.append(("Content-ID", f"<{_content_id(file)}>"))
    return _base64(data, *fields)
