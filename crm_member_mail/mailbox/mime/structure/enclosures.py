"""Which files come along with an email by themselves, so that it is no email with attachments."""

import re

from .kinds import CALENDARS
from .protection import CONTAINERS, is_document

_SIGNATURES = frozenset(
    (
        "application/pgp-signature",
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
        "application/pgp-keys",  # Thunderbird adds the key to each signed email
    )
)
_WINMAIL = frozenset(("application/ms-tnef", "application/vnd.ms-tnef"))
_REPORTS = frozenset(
    (
        "message/delivery-status",
        "message/disposition-notification",
        "message/feedback-report",
        "message/global-delivery-status",
        "message/global-disposition-notification",
    )
)
_KINDS = _SIGNATURES | _WINMAIL | CALENDARS | _REPORTS

#: The same by name, for parts that are called application/octet-stream.
_NAMES = re.compile(
    r"winmail\.dat|smime\.p7m|encrypted\.asc|.*\.(?:p7s|ics)"
    r"|openpgp_signature|(?:openpgp_)?signature\.(?:asc|sig|pgp)|pgp\.sig",
    re.IGNORECASE,
)
#: What Outlook calls pictures in the text, even where it attaches them.
_NUMBERED = re.compile(r"image\d{3}\.\w{3,4}", re.IGNORECASE)

#: Bytes of a picture that may be the logo of a signature; photos and scans are larger.
_LOGO = 32 * 1024


def is_incidental(kind, name):
    """Whether a file is a signature, a container of the email itself, an invitation, or what a mail
    system reports.

    :param str kind: its media type
    :param str name: its file name, may be ''
    """
    is_container = kind in CONTAINERS and not is_document(name)
    return is_container or kind in _KINDS or bool(_NAMES.fullmatch(name))


def is_logo(file, size, has_html):
    """Whether a picture was in a text that does not show it any more: the logo of somebody's signature,
    mostly.

    :param file: ParsedAttachment or RemotePart
    :param int size: in bytes, roughly
    :param bool has_html: the email has a text with pictures in it, so they have a Content-ID
    """
    was_in_text = (has_html and file.content_id) or _NUMBERED.fullmatch(file.filename)
    return bool(was_in_text) and file.content_type.startswith("image/") and size <= _LOGO
