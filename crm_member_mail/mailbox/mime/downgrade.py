"""An email for servers that know ASCII addresses only."""

import email
from email.header import Header
from email.policy import SMTP
from email.utils import getaddresses

#: Headers of addresses.
_ADDRESSES = ("From", "Sender", "Reply-To", "To", "Cc", "Bcc")


def downgraded(data):
    """The same email without letters beyond ASCII in its headers: those who have them in their address
    stay readable, as groups without an address (RFC 6857 section 3.1.6).

    :param bytes data: with CRLF line ends
    """
    head, blank, _body = data.partition(b"\r\n\r\n")
    if (head + blank).isascii():
        return data
    message = email.message_from_bytes(data, policy=SMTP)
    for name in _ADDRESSES:
        values = message.get_all(name)
        if values and not all(str(value).isascii() for value in values):
            people = [_person(*pair) for value in values for pair in getaddresses([str(value)])]
            del message[name]
            # As they are: groups of encoded words are folded wrongly by the policy.
            message._headers.append((name, ", ".join(people)))
    return message.as_bytes(policy=SMTP.clone(cte_type="7bit", refold_source="long"))


def _person(name, address):
    if address.isascii():
        return f"{_word(name)} <{address}>" if name else address
    return f"{_word(f'{name} {address}'.strip())} :;"


def _word(text):
    return Header(text, "utf-8").encode(linesep="\r\n") if not text.isascii() else f'"{text}"'
