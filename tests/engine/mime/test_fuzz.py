"""Any bytes are read in bounded time and memory, and valid emails as Python's `email` reads them.

``MEMBER_MAIL_FUZZ=20000`` sets the number of examples of each test; without it there are a few hundred.
"""

import email as python_email
import hashlib
import os
import random
import resource
import subprocess
import sys
from dataclasses import astuple
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_member_mail.mailbox.mime import charset
from crm_member_mail.mailbox.mime.message import Limits, parse
from crm_member_mail.mailbox.mime.structure import transfer
from crm_member_mail.mailbox.mime.structure.splitter import split

from ...mail import email_with
from .. import smime
from ..imap.test_partial import LARGE
from .test_message import winmail

EXAMPLES = int(os.environ.get("MEMBER_MAIL_FUZZ", "200"))
LIMITS = Limits(parts=50, depth=8, header_bytes=4000, body_characters=3000)

fuzz = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

SEEDS = [
    email_with(
        b"\x89PNG" * 20,
        "Bild März.png",
        "image/png",
        subject="Grüße aus 日本",
        html='<p>Hi <img src="cid:x@y"></p>',
        references="<a@b> <c@d>",
    ),
    email_with(winmail(b"Hello"), "winmail.dat", "application/ms-tnef"),
    email_with("日本語".encode("iso-2022-jp"), "メモ.txt"),
    b"\r\nHere:\r\nbegin 644 a.txt\r\n#86)C\r\n`\r\nend\r\nBye\r\n",
    b"Content-Type: text/calendar\r\n\r\nBEGIN:VEVENT\r\nSUMMARY:x\\, y\r\n  z\r\nEND:VEVENT\r\n",
    b"Content-Type: text/plain; format=flowed; delsp=yes\r\n\r\n> a \r\n> b \r\n-- \r\n",
    b"Content-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\nwords",
    LARGE[:2500],
    email_with(smime.streamed(smime.ENTITY, 20), "smime.p7m", "application/pkcs7-mime"),
    b"Content-Type: application/pkcs7-mime\r\n\r\n"
    + smime.container(smime.SIGNED, b"\x04\x02\r\n"),
    b"-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA256\r\n\r\n- a\r\n"
    b"-----BEGIN PGP SIGNATURE-----\r\n",
    b"-----BEGIN PGP MESSAGE-----\r\n\r\nhQ\r\n-----END PGP MESSAGE-----\r\n",
]

#: What parsers trip over, to be put into the midst of a message.
TOKENS = [
    b"\r\n", b"\n", b"\r", b"\r\n\r\n", b"\x00", b"\xff", b"\xed\xa0\x80", b"\x1b$B", b"=?", b"?=",
    b"=?utf-8?b?", b"=?iso-2022-jp?q?=1B$B?=", b"--", b"--b", b"--b--\r\n", b"boundary=b", b";", b'"',
    b"(", b"<", b">", b"@", b":", b"Content-Type: multipart/mixed; boundary=b\r\n",
    b"Content-Type: message/rfc822\r\n", b"Content-Transfer-Encoding: base64\r\n",
    b"Content-Type: text/html; charset=", b"charset=utf-7", b"charset=utf-16", b"charset=hz",
    b"charset*=\x00''x", b"boundary*=utf-8'x'%FF", b"filename*0*=a''%FF; filename*1=x",
    b"begin 644 x\r\n",
    b"From: ", b"Date: Mon, 99 Foo 99999 99:99:99 +9999\r\n", b"Message-ID: <", b"Subject: \xe4\r\n",
    b"<meta charset=", b"<img src=cid:", b"&#xD800;", b"&#0;", b"<![CDATA[", b"<!--",
    b"References: <<a>>", b"\n-----BEGIN PGP MESSAGE-----\n",
    b"Content-Type: multipart/signed; boundary=b\r\n",
    b"Content-Type: multipart/encrypted; boundary=b\r\n", b"\x30\x80", b"\x24\x80", b"\x00\x00",
    b"=ybegin line=9 size=9 name=x\r\n", b"=yend size=9\r\n", b'\r\nname="x"\r\n', b"\xd0\xd2\xc9\xd7",
    b"Content-Disposition: inline; filename=x.txt\r\n", b"charset=euc-jp", b"charset=iso-2022-jp",
    b"Content-Type: pdf; name=x.pdf\r\n", b"\x1b(B", b"\x8f\xa1", b"multipart/alternative",
]  # fmt: skip


CHARSETS = [
    "utf-8",
    "utf-7",
    "utf-16",
    "utf-32",
    "hz",
    "iso-2022-jp",
    "gb2312",
    "idna",
    "punycode",
    "x",
]


def check(data, limits=LIMITS):
    """Parse, and check what holds for every result."""
    parsed = parse(data, limits=limits)
    names = [text for file in parsed.attachments for text in astuple(file) if isinstance(text, str)]
    people = [text for address in parsed.addresses for text in (address.name, address.email)]
    texts = (parsed.subject, parsed.text, parsed.html, parsed.message_id, *parsed.defects)
    for text in (*texts, *names, *people, *parsed.references, *parsed.in_reply_to):
        text.encode("utf-8")
        assert "\x00" not in text
    assert all(file.filename and "/" not in file.filename for file in parsed.attachments)
    assert all(file.content_type.isascii() for file in parsed.attachments)
    assert len(parsed.text) <= limits.body_characters and len(parsed.subject) <= 998
    # Files in the texts and within a winmail.dat come on top of the parts.
    assert len(parsed.attachments) <= limits.parts * 200
    # No bytes come from nowhere, unless a charset or an escape makes more of them.
    assert sum(len(file.data) for file in parsed.attachments) <= 8 * len(data) + 100
    assert len(parsed.content_digest) == len(parsed.header_digest) == 64
    assert parsed.date.tzinfo and parsed.size == len(data)
    return parsed


@st.composite
def mutated(draw):
    """One of our own messages, damaged several times."""
    data = bytearray(draw(st.sampled_from(SEEDS)))
    for _number in range(draw(st.integers(1, 8))):
        at = draw(st.integers(0, len(data)))
        length = draw(st.integers(0, 300))
        match draw(st.sampled_from(("flip", "cut", "end", "junk", "token", "double", "splice"))):
            case "flip" if at < len(data):
                data[at] ^= 1 << draw(st.integers(0, 7))
            case "cut":
                del data[at : at + length]
            case "end":
                del data[at:]
            case "junk":
                data[at:at] = draw(st.binary(max_size=40))
            case "token":
                data[at:at] = draw(st.sampled_from(TOKENS))
            case "double":
                data[at:at] = data[at : at + length] * draw(st.integers(1, 5))
            case "splice":
                other = draw(st.sampled_from(SEEDS))
                start = draw(st.integers(0, len(other)))
                data[at : at + length] = other[start : start + length]
    return bytes(data)


@fuzz
@given(mutated())
def test_damaged_messages(data):
    check(data)


@fuzz
@given(st.lists(st.one_of(st.sampled_from(TOKENS), st.binary(max_size=20)), max_size=40))
def test_nonsense(pieces):
    check(b"".join(pieces))


@fuzz
@given(
    st.binary(max_size=200),
    st.one_of(
        st.none(),
        st.text(max_size=12),
        st.sampled_from(CHARSETS),
    ),
)
def test_any_charset(data, label):
    charset.clean(charset.decode(data, label)).encode("utf-8")


@fuzz
@given(
    st.binary(max_size=300),
    st.sampled_from(["base64", "quoted-printable", "x-uuencode", "8bit", "", "x"]),
    st.integers(1, 100),
)
def test_any_transfer_encoding(data, encoding, size):
    assert len(transfer.decode(data, encoding)) <= len(data)
    decoder = transfer.Decoder(encoding)
    chunks = [decoder.feed(data[at : at + size]) for at in range(0, len(data), size)]
    assert len(b"".join(chunks) + decoder.close()) <= len(data)


#: Lines of which no boundary is made here, and which are no header.
words = st.text("abc =\xe4\u20ac-.", max_size=60).map(lambda text: f"| {text}".encode())
encodings = st.sampled_from(["7bit", "8bit", "base64", "quoted-printable"])


@st.composite
def leaf(draw):
    kind = draw(st.sampled_from(["text/plain", "text/html", "image/png", "application/pdf"]))
    body = b"\r\n".join(draw(st.lists(words, max_size=5)))
    encoding = draw(encodings)
    if encoding == "base64":
        body = python_email.base64mime.body_encode(body).encode().replace(b"\n", b"\r\n")
    head = f'Content-Type: {kind}; charset="utf-8"\r\nContent-Transfer-Encoding: {encoding}\r\n'
    extra = draw(st.sampled_from(["", "Content-Disposition: attachment;\r\n filename=a.b\r\n"]))
    return (head + extra).encode() + b"\r\n" + body


@st.composite
def multipart(draw, children):
    parts = draw(st.lists(children, min_size=1, max_size=4))
    # One that begins like others, but is not that of a multipart within.
    own = hashlib.sha256(b"".join(parts)).hexdigest()[:8]
    boundary = draw(st.text("ab-='", max_size=8)) + own
    kind = draw(st.sampled_from(["mixed", "alternative", "related", "digest", "x"]))
    mark = b"--" + boundary.encode()
    lines = [f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n'.encode()]
    lines += [draw(words)]  # the preamble
    for part in parts:
        lines += [mark + draw(st.sampled_from([b"", b" \t"])), part]
    if draw(st.booleans()):
        lines += [mark + b"--", draw(words)]
    return b"\r\n".join(lines)


messages = st.recursive(leaf(), multipart, max_leaves=12)


@fuzz
@given(messages)
def test_sound_structures_are_cut_as_python_does(data):
    assert _leaves(split(data, Limits()).root) == _leaves(python_email.message_from_bytes(data))
    check(data)


def _leaves(message):
    """Media types, headers and decoded contents of the leaf parts, in order."""
    found = []
    for part in message.walk():
        if part.get_content_maintype() == "multipart" and part.is_multipart():
            found.append(part.get_content_type())
        elif part.get_content_type() != "message/rfc822":
            fields = [(name, str(value).split()) for name, value in part.items()]
            raw = getattr(part, "raw", None)
            encoding = part["Content-Transfer-Encoding"]
            data = part.get_payload(decode=True) if raw is None else transfer.decode(raw, encoding)
            found.append((part.get_content_type(), fields, (data or b"").replace(b"\r\n", b"\n")))
    return found


def many(count, part):
    return (
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
        + (b"--b\r\n" + part + b"\r\n") * count
        + b"--b--\r\n"
    )


def nested(depth, inside):
    head = b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n'
    return b"".join(head % (level, level) for level in range(depth)) + inside


def html(body):
    return b"Content-Type: text/html\r\n\r\n" + body


#: What would take minutes, or gigabytes, in a parser without bounds.
BOMBS = {
    "10,000 parts": lambda: many(10_000, b"\r\npart"),
    "10,000 messages": lambda: many(10_000, b"Content-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\n"),
    "nested in 45, short lines": lambda: nested(45, b"\r\n" + b"x\r\n" * 4_000_000),
    "nested in 45, almost boundaries": lambda: nested(45, b"\r\n" + b"--b\r\n" * 2_000_000),
    "nested in 45, boundaries of the last": lambda: nested(45, b"\r\n--b44 \r\n" * 1_000_000),
    "nested in 20,000": lambda: nested(20_000, b"\r\nx"),
    "messages in messages": lambda: b"Content-Type: message/rfc822\r\n\r\n" * 50_000,
    "one boundary for all": lambda: b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" * 20_000,
    "header line of 1 MB": lambda: b"Subject: " + b"x" * 1_000_000 + b"\r\n\r\nx",
    "folded line of 1 MB": lambda: b"Subject: x\r\n" + b" y\r\n" * 250_000 + b"\r\nx",
    "encoded words": lambda: b"Subject: " + b"=?utf-8?q?x?= " * 70_000 + b"\r\n\r\nx",
    "200,000 fields": lambda: b"X: y\r\n" * 200_000 + b"\r\nx",
    "10 MB of fields in parts": lambda: many(1000, b"X: y\r\n" * 1700 + b"\r\nx"),
    "50,000 addresses": lambda: b"To: " + b"Ana Lima <ana@x.example>, " * 50_000 + b"\r\n\r\nx",
    "open brackets": lambda: b"To: " + b"<(" * 250_000 + b"\r\n\r\nx",
    "ids": lambda: b"References: " + b"<a@b> " * 80_000 + b"\r\n\r\nx",
    "parameters": lambda: b"Content-Type: text/plain" + b'; a="b"' * 70_000 + b"\r\n\r\nx",
    "pieces of a parameter": lambda: b"Content-Type: text/plain"
    + b"".join(b"; name*%d=a" % number for number in range(40_000)) + b"\r\n\r\nx",
    "base64 of 30 MB": lambda: many(
        1, b"Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + (b"QUFB" * 19 + b"\r\n") * 400_000),
    "base64 of pieces": lambda: b"Content-Transfer-Encoding: base64\r\n\r\n" + b"QQ==\r\n" * 500_000,
    "quoted-printable": lambda: b"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    + b"=" * 3_000_000,
    "uuencoded": lambda: b"\r\nbegin 644 x\r\n" * 100_000,
    "uuencoded ends": lambda: b"\r\nbegin 644 x\r\nno\r\nend\r\n" * 100_000,
    "text of 30 MB": lambda: b"\r\n" + "Grüße\n".encode() * 4_000_000,
    "uuencoded, one end": lambda: b"\r\nbegin 644 x" * 100_000 + b"\r\n#86)C\r\nend\r\n",
    "uuencoded, no end": lambda: (b"\nbegin 644 x\n" + b"#86)C\n" * 1000) * 400,
    "carriage returns": lambda: b"X: y\n" + b"\r" * 2_000_000,
    "folded carriage returns": lambda: b"X: y\n" + b"\r\r\r\n y" * 200_000,
    "quotes of parameters": lambda: many(
        1000, b"Content-Type: text/plain" + b';"' * 4000 + b"\r\n\r\nx"),
    "pieces in parts": lambda: many(
        1000, b"Content-Type: x/y" + b"".join(b";name*%d*=%%aa" % n for n in range(600)) + b"\r\n\r\n"),
    "blanks in parts": lambda: many(1000, b"Content-Disposition: " + b" " * 8000 + b"x\r\n\r\nx"),
    "unnamed boundaries": lambda: many(
        1000, b"Content-Type: multipart/mixed\r\n\r\n" + (b"--x" + b" " * 190 + b"\r\n") * 40),
    "Japanese escapes": lambda: b"Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n"
    + b"\x1b$B$\x1b(B" * 1_000_000,
    "few escapes": lambda: b"Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n"
    + b"\x1b$B$\x1b(B" * 90_000 + b"\x1b$B" + b"$3" * 3_000_000,
    "EUC-JP": lambda: b"Content-Type: text/plain; charset=euc-jp\r\n\r\n" + b"\xa4\xa2" * 1_500_000,
    "euro signs in GBK": lambda: b"Content-Type: text/plain; charset=gbk\r\n\r\n" + b"\x80" * 3_000_000,
    "wrong charsets": lambda: many(
        1000, b"Content-Type: text/plain\r\n\r\n" + "Привет ".encode("koi8-r") * 400),
    "wrong charsets of words": lambda: b"Subject: "
    + (b"=?x?B?8NLJ18XU8NLJ18XU?= =?y?B?8NLJ18XU8NLJ18XU?= ") * 8000 + b"\r\n\r\nx",
    "raw names": lambda: b"To: " + "Привет <a@x.example>, ".encode("koi8-r") * 20_000 + b"\r\n\r\nx",
    "raw names of files": lambda: many(
        1000, b"Content-Type: x/y; name=\"" + "Привет ".encode("koi8-r") * 100 + b"\"\r\n\r\nx"),
    "yEnc": lambda: b"\r\n" + b"=ybegin line=128 size=3 name=a\r\n" * 100_000,
    "yEnc ends": lambda: b"\r\n" + b"=ybegin line=9 size=3 name=a\r\nabc\r\n=yend size=3\r\n" * 100_000,
    "one boundary, closed": lambda: b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
    + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b--\r\n--b\r\n" * 100_000,
    "encoded multiparts": lambda: b"Content-Type: multipart/mixed\r\n"
    b"Content-Transfer-Encoding: quoted-printable\r\n\r\n--b\r\n" * 50 + b"x\r\n" * 4_000_000,
    "parameters on lines": lambda: b"Content-Type: x/y;\r\n" + b'name="x;\r\n' * 200_000 + b"\r\nx",
    "base64 and words": lambda: b"Content-Transfer-Encoding: base64\r\n\r\n"
    + b"AAAA\r\n!\r\n" * 400_000,
    "inline texts": lambda: many(1000, b"Content-Type: text/x-a; name=a\r\n\r\n" + b"\xe4 x\r\n" * 900),
    "HTML blanks": lambda: html(b"<img src=" + b" " * 1_000_000 + b">"),
    "flowed text": lambda: b"Content-Type: text/plain; format=flowed\r\n\r\n" + b"a \r\n" * 500_000,
    "calendar": lambda: b"Content-Type: text/calendar\r\n\r\n" + b"A:b\r\n c\r\n" * 200_000,
    "punycode": lambda: b"Content-Type: text/plain; charset=punycode\r\n\r\n\xe4a-" + b"9" * 500_000,
    "HTML nested": lambda: html(b"<div>" * 200_000),
    "HTML attributes": lambda: html(b"<p " + b"a=b " * 200_000 + b">x"),
    "HTML quotes": lambda: html(b'<a "' * 200_000 + b"<a '" * 200_000),
    "HTML meta": lambda: html(b"<meta " * 500_000),
    "HTML signs": lambda: html(b"<" * 1_000_000),
    "HTML entities": lambda: html(b"&" * 2_000_000),
}  # fmt: skip

#: Seconds of processor time and bytes of memory of the process that reads all the bombs. That takes it
#: 10 s; without bounds one of them takes minutes.
CPU_SECONDS, ADDRESS_SPACE = 60, 2 * 1024**3

READER = """
from tests.engine.mime import test_fuzz as fuzz
for name, make in fuzz.BOMBS.items():
    print(name, flush=True)
    fuzz.check(make(), fuzz.Limits())
"""


def _limit():
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))


def test_bombs_in_a_bounded_process():
    """All of them, one after the other, without Odoo; the results are bounded, too."""
    done = subprocess.run(
        [sys.executable, "-c", READER],
        cwd=Path(__file__).parents[3],
        text=True,
        capture_output=True,
        preexec_fn=_limit,
        check=False,
    )
    begun = done.stdout.splitlines()
    assert (done.returncode, begun) == (0, list(BOMBS)), f"{begun[-1:]}: {done.stderr[-1000:]}"


#: A folder of emails to compare with Python, for example real ones.
CORPUS = Path(os.environ["MAIL_CORPUS"]) if os.environ.get("MAIL_CORPUS") else None
if CORPUS:

    @pytest.mark.parametrize("path", sorted(p for p in CORPUS.rglob("*") if p.is_file()), ids=str)
    def test_corpus_damaged(path):
        data, chance = path.read_bytes()[:200_000], random.Random(0)
        for _number in range(20):
            at, length = chance.randrange(len(data) + 1), chance.randrange(500)
            check(data[:at] + chance.choice(TOKENS) + data[at + length :], Limits())
