"""Mailbox files: many emails in one file (RFC 4155), quoted so that nothing is lost ("mboxrd")."""

import re
import time

_FROM = re.compile(rb"^(>*From )", re.MULTILINE)


def entry(data, sender, date):
    """An email as an entry of a mailbox file.

    :param bytes data: the email
    :param str sender: its sender's address; may be empty
    :param date: a naive UTC datetime
    :return: bytes
    """
    if not sender or not sender.isascii() or not sender.isprintable() or " " in sender:
        sender = "MAILER-DAEMON"
    # RFC 4155 appendix A wants UNIX line ends.
    text = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").rstrip(b"\n")
    head = f"From {sender} {time.asctime(date.utctimetuple())}\n".encode()
    return head + _FROM.sub(rb">\1", text) + b"\n\n"
