"""A filed message turned back into an email, for when the mail server no longer has the original."""

import re
from base64 import encodebytes
from email import policy
from email.encoders import encode_base64
from email.headerregistry import Address
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
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


def rebuild(message):
    """The email, as bytes, of a `member.mail.message` that the user may read."""
    headers = message._readable_headers()
    files = message.sudo().attachment_ids.sorted("id")
    email = _content(message, files)
    kept = _kept(headers)
    # Its own fields stand behind the original's, as they would in any email.
    own = email.items()
    for name, _value in own:
        del email[name]
    for name, value in [*kept, *_missing(message, {name.lower() for name, _value in kept})]:
        email[name] = _raw(value)
    email[MARK] = f"{REASON} {INCOMPLETE}" if message.is_partial else REASON
    for name, value in own:
        email[name] = value
    return email.as_bytes(policy=_POLICY)


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
    in small letters. Nothing is read of what is there."""
    wanted = {
        **{name: lambda role=role: _people(message, role) for role, name in _ROLES.items()},
        "Subject": lambda: message.subject,
        "Date": lambda: format_datetime(utc.localize(message.date)),
        "Message-ID": lambda: message.rfc_message_id,
    }
    found = [(name, value()) for name, value in wanted.items() if name.lower() not in there]
    return [(name, value) for name, value in found if value]


def _people(message, role):
    people = message.participant_ids
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


def _content(message, files):
    """The parts: text, HTML with its images, attachments."""
    html, images = _html(message, files)
    content = _text(message.body_text or "", "plain")
    if html:
        rich = _text(html, "html")
        if images:
            related = _multipart("related", type="text/html")
            related.attach(rich)
            for image in images:
                related.attach(_file(image, inline=True))
            rich = related
        content = _multipart("alternative", _subparts=[content, rich])
    others = files - images
    if others:
        content = _multipart("mixed", _subparts=[content, *map(_file, others)])
    return content


def _text(text, kind):
    # As MIMEText does it, without its many looks at its own header.
    part = MIMENonMultipart("text", kind, charset="utf-8")
    part.set_payload(encodebytes(text.encode("utf-8", "replace")).decode("ascii"))
    part["Content-Transfer-Encoding"] = "base64"
    return part


def _multipart(kind, **options):
    # One that nobody can guess; `email` would search all parts for a shorter one.
    return MIMEMultipart(kind, boundary=f"=={uuid4().hex}==", **options)


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
    part = MIMEBase(*kind.split("/"))
    # Without prefetching: Odoo would read the files of all messages that are read together. Whoever
    # wants the message has noted that already, for many at once.
    file = file.with_user(SUPERUSER_ID).with_prefetch()
    part.set_payload(file.raw or b"")
    file.invalidate_recordset(["raw"], flush=False)
    encode_base64(part)
    name = _line(file.name or "") or "attachment"
    name = name if name.isascii() else ("utf-8", "", name.encode("utf-8", "replace").decode())
    part.add_header("Content-Disposition", "inline" if inline else "attachment", filename=name)
    if inline:
        part["Content-ID"] = f"<{_content_id(file)}>"
    return part
