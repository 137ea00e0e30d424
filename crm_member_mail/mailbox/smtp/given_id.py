"""The Message-ID that an outgoing server says an email has now: some put their own in place of ours, and
answers and bounces name that one."""

import re

from ..mime.addresses import canonical
from ..mime.message_ids import clean_message_id, is_telling

#: Exchange and Outlook.com: ``250 2.0.0 OK <PR3P…@PR3P….prod.outlook.com> [Hostname=…]``.
_IN_BRACKETS = re.compile(r"<[^<>\s@]{1,400}@[^<>\s@]{1,400}>")
#: Amazon SES: ``250 Ok 0102018f…-000000``, without the host that it adds for each region.
_OF_SES = re.compile(r"Ok ([0-9a-f]{16}-[0-9a-f-]{30,60}-\d{6})", re.IGNORECASE)
_SES_HOST = re.compile(
    r"(?:[\w-]{1,63}\.)?email-smtp(?:-fips)?\.([a-z0-9-]{1,30})\.(?:vpce\.)?amazonaws\.com",
    re.IGNORECASE,
)
#: Its first region has no name in a Message-ID.
_FIRST_REGION = "us-east-1"


def given_id(answer, host, envelope):
    """The Message-ID in a server's answer to an email that it took.

    :param bytes answer: what it said, without the code
    :param str host: the server
    :param envelope: the addresses of sender and recipients, which look like a Message-ID
    :return: as from `clean_message_id`; '' when it names none
    """
    text = (answer if isinstance(answer, bytes) else b"")[:2000].decode("ascii", "replace").strip()
    region = _SES_HOST.fullmatch(host.strip().rstrip("."))
    if region and (match := _OF_SES.fullmatch(text)):
        name = "email" if region[1].lower() == _FIRST_REGION else region[1].lower()
        return f"<{match[1]}@{name}.amazonses.com>"
    people = {canonical(address) for address in envelope}
    found = (clean_message_id(one) for one in _IN_BRACKETS.findall(text))
    ids = {one for one in found if is_telling(one) and canonical(one.strip("<>")) not in people}
    return ids.pop() if len(ids) == 1 else ""
