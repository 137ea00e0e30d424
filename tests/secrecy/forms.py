"""The forms in which a secret may appear where it shouldn't."""

import base64
import html
import json
import quopri
import re
from urllib.parse import quote, quote_plus


def forms_of(secret):
    """Dict of a name to the bytes that a secret may have become on its way into a file.

    :param str secret:
    """
    raw = secret.encode()
    texts = {
        "as it is": secret,
        "reversed": secret[::-1],
        "JSON": json.dumps(secret)[1:-1],
        "JSON in UTF-8": json.dumps(secret, ensure_ascii=False)[1:-1],
        "JSON in JSON": json.dumps(json.dumps(secret))[3:-3],
        "Python": repr(secret)[1:-1],
        "Python in JSON": json.dumps(repr(secret))[2:-2],
        "Python's bytes": repr(raw)[2:-1],
        "escaped": secret.encode("unicode_escape").decode(),
        "URL": quote(secret, safe=""),
        "URL, lower case": quote(secret, safe="").lower(),
        "form": quote_plus(secret),
        "HTML": html.escape(secret),
        "HTML, numbers": secret.encode("ascii", "xmlcharrefreplace").decode(),
        "IMAP": secret.replace("\\", "\\\\").replace('"', '\\"'),
        "SQL": secret.replace("'", "''"),
        "SQL, COPY": secret.replace("\\", "\\\\"),
        "hexadecimal": raw.hex(),
        "HEXADECIMAL": raw.hex().upper(),
        "quoted-printable": quopri.encodestring(raw, quotetabs=True).decode().replace("=\n", ""),
        "UTF-7": secret.encode("utf-7").decode(),
    }
    forms = {name: text.encode() for name, text in texts.items()}
    forms |= {codec: secret.encode(codec) for codec in ("utf-16-le", "utf-16-be", "utf-32-le")}
    for codec in ("utf-8", "utf-16-le"):
        forms |= _base64_forms(secret.encode(codec), codec)
    forms |= _base64_forms(base64.b64encode(raw), "base64 of base64")
    return forms


def _base64_forms(data, what):
    """Base64 of data that begins at each of the three places which a byte can have: of what is encoded
    around it, as in SASL's PLAIN, nothing else is needed."""
    forms = {}
    for before, skipped in ((0, 0), (1, 2), (2, 3)):
        for name, encode in (("", base64.b64encode), (", URL-safe", base64.urlsafe_b64encode)):
            encoded = encode(bytes(before) + data).rstrip(b"=")
            # The first and last character hold bits of what is beside it.
            last = len(encoded) - bool((before + len(data)) % 3)
            forms[f"base64 of {what} after {before}{name}"] = encoded[skipped:last]
    return forms


def found_in(data, secret):
    """The names of the forms in which a secret is in ``data``, bytes; lines may be wrapped anywhere.

    :raises AssertionError: a form is so short that finding it means nothing
    """
    joined = re.sub(rb"=?\r?\n", b"", data)
    found = []
    for name, form in forms_of(secret).items():
        assert len(form) >= 12, name
        if form in data or form in joined:
            found.append(name)
    return found
