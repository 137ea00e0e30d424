"""Emails that nobody wrote: those that say so, and those from mail systems."""

import re

#: Header fields that mark automatic emails (RFC 3834, RFC 2919, RFC 2369, and older ones).
FIELDS = (
    "auto-submitted", "precedence", "list-id", "list-unsubscribe", "x-autoreply", "x-autorespond",
    "x-auto-response-suppress",
)  # fmt: skip

#: Local parts of the addresses from which mail systems send bounces.
_DAEMON = re.compile(
    r"(?:(?:mailer?|mail[._-]?delivery|m)[._-]?d(?:a?emon)"
    r"|post-?master|mail-?delivery-?(?:sub)?-?system|mailsupport|(?:no-?reply-)?bounces?"
    r"|microsoftexchange[0-9a-f]{32})(?:[+=-].*)?"
)
#: The names of such senders, whatever their address.
_DAEMON_NAME = re.compile(
    r"mail(?:er)?[ _-]?daemon|mail delivery (?:sub-?)?system|mail delivery service", re.IGNORECASE
)


def is_automatic(value):
    """Whether an email is automatic: a newsletter, an out-of-office reply, a bounce.

    :param value: a function that returns the first value of a header field in FIELDS as bytes, b"" when
        it is missing
    """

    def text(name):
        return value(name).decode("ascii", "replace").strip().lower()

    return bool(
        text("auto-submitted").partition(";")[0].strip() not in ("", "no")
        or text("precedence") in ("bulk", "list", "junk", "auto_reply")
        or value("list-id")
        or value("list-unsubscribe")
        or value("x-autoreply")
        or value("x-autorespond")
        or "oof" in text("x-auto-response-suppress")
        or text("x-auto-response-suppress") == "all"
    )


def is_from_mail_system(headers):
    """Whether a mail system seems to have sent an email, as it sends bounces.

    :param headers: AddressHeaders or ParsedMessage
    """
    senders = [address for address in headers.addresses if address.role == "from"]
    return not senders or any(
        _DAEMON.fullmatch(sender.email.rpartition("@")[0]) or _DAEMON_NAME.fullmatch(sender.name)
        for sender in senders
    )
