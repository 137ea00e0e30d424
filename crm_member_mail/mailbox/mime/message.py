"""Bytes to :class:`~.types.ParsedMessage`: the best readable result of any email, never a crash.

The whole way is in :func:`read_parts`. Each step takes what those before it gave, and calls none of
them.
"""

import dataclasses

from ..types import ParsedAttachment, ParsedMessage
from . import authenticity
from .automatic import bounce_report, read_receipt
from .automatic.origin import origin_of
from .content import content_of
from .headers import headers_of
from .identity import IDENTITY, content_digest, header_digest
from .structure.containers import opened
from .structure.leaves import leaves_of
from .structure.parts import new_part, read_header
from .structure.splitter import Limits, Split, split

__all__ = ["Limits", "digest_of", "files_of", "parse", "read_parts"]


def parse(data, *, uid_date=None, limits=None):
    """Parse one email.

    :param bytes data: the message (RFC 5322) as received
    :param uid_date: when it arrived (INTERNALDATE), an aware datetime; see :func:`.dates.date_of`
    :param Limits limits: anything beyond is left out and noted in ``defects``
    :return: ParsedMessage
    """
    limits = limits or Limits()
    return read_parts(split(data, limits), uid_date, limits)


def read_parts(parts, uid_date, limits):
    """Read an email that is cut into parts.

    :param Split parts:
    :return: ParsedMessage
    """
    leaves = opened(leaves_of(parts), limits)
    content = content_of(leaves, limits)
    headers = headers_of(parts.header, leaves.charset, uid_date)
    origin = origin_of(headers.parties, headers.value)
    message = _message(parts.size, content, headers, origin)
    return _with_report(message, content.leaves, headers, origin)


def files_of(name, kind, data):
    """The files that one makes which was left on the server: those in it, if it is a container, or else
    itself.

    :param str name: of the file
    :param str kind: its media type
    :param bytes data: its content
    :return: tuple of ParsedAttachment
    """
    limits, part = Limits(), new_part(kind, f'; name="{name}"')
    part["Content-Disposition"] = "attachment"
    part.raw = data
    leaves = opened(leaves_of(Split(part, part, len(data))), limits)
    return content_of(leaves, limits).files or (ParsedAttachment(name, kind, data),)


def digest_of(data):
    """The header digest of a message (bytes), which tells it apart from others."""
    return header_digest(*map(headers_of(read_header(data)).value, IDENTITY))


def _message(size, content, headers, origin):
    """The ParsedMessage of what the steps found; still without a report."""
    people = headers.parties
    return ParsedMessage(
        subject=headers.subject,
        date=headers.date,
        message_id=headers.message_id,
        in_reply_to=headers.in_reply_to,
        references=headers.references,
        addresses=people.addresses,
        text=content.text,
        html=content.html,
        attachments=content.files,
        header_digest=header_digest(*map(headers.value, IDENTITY)),
        content_digest=content_digest(content.leaves),
        size=size,
        is_automatic=origin.is_automatic,
        defects=tuple(dict.fromkeys([*content.defects, *headers.defects])),
        headers=headers.text,
        authentication=authenticity.read(headers.fields),
        is_bulk=people.is_bulk,
        list_id=people.list_id,
        answers=people.answers,
        thread_index=headers.thread_index,
        protection=content.protection,
        invitation=content.invitation,
    )


def _with_report(message, leaves, headers, origin):
    """``message`` with what it reports about another one."""
    if receipt := read_receipt.read(message, leaves):
        return dataclasses.replace(message, receipt=receipt)
    if origin.may_bounce:
        report = bounce_report.read(message, leaves, headers.value)
        return dataclasses.replace(message, report=report)
    return message
