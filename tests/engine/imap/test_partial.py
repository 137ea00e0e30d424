"""Large messages: the text is read, attachments stay on the server until somebody wants them."""

import base64
import dataclasses
import os
import quopri
from pathlib import Path

import pytest

from crm_member_mail.mailbox.errors import MailboxError
from crm_member_mail.mailbox.imap import partial
from crm_member_mail.mailbox.imap.fetch import examine, fetch_bodies, fetch_summaries
from crm_member_mail.mailbox.imap.session import ImapSession
from crm_member_mail.mailbox.mime.message import parse
from crm_member_mail.mailbox.mime.structure.protection import NOTICE
from crm_member_mail.mailbox.types import RemotePart, Summary

from ...mail import email
from .. import smime
from ..fake_server import imap_server
from .test_session import settings

HEADER = (
    b"From: =?utf-8?q?J=C3=B6rg?= <ana@x.example>\r\nTo: office@club.example\r\n"
    b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nMessage-ID: <1@x.example>\r\n"
    b"Date: Mon, 02 Mar 2026 10:00:00 +0100\r\nMIME-Version: 1.0\r\n"
)
BINARY = bytes(range(256)) * 12_000  # 3 MB: more than two chunks
LINES = b"".join(b"line %d = \xe4 \t\r\n" % number for number in range(100_000))
INNER = b"Subject: Old: news\r\nX-Odd: a;\r\n\tb\r\n\r\n>From here\r\n\xff\xfe bytes\r\n"


def part(headers, body):
    return headers.encode() + b"\r\n\r\n" + body


def multipart(kind, boundary, *parts):
    head = f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'.encode()
    mark = b"--" + boundary.encode()
    inner = b"".join(mark + b"\r\n" + part + b"\r\n" for part in parts)
    return head + inner + mark + b"--\r\n"


LARGE = HEADER + multipart(
    "mixed",
    "outer",
    multipart(
        "related",
        "rel",
        multipart(
            "alternative",
            "alt",
            part(
                "Content-Type: text/plain; charset=iso-8859-1\r\n"
                "Content-Transfer-Encoding: quoted-printable",
                b"Gr=FC=DFe =\r\naus K=F6ln",
            ),
            part(
                "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64",
                base64.encodebytes('<p>Grüße <img src="cid:Logo@x"></p>'.encode()),
            ),
        ),
        part(
            "Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n"
            "Content-ID: <logo@x>\r\nContent-Disposition: inline; filename=logo.png",
            base64.encodebytes(b"\x89PNG" * 50),
        ),
    ),
    part(
        "Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n"
        "Content-Disposition: attachment; filename*=utf-8''Pl%C3%A4ne.pdf",
        base64.encodebytes(BINARY).replace(b"\n", b"\r\n"),
    ),
    part(
        'Content-Type: text/csv; name="a.csv"\r\nContent-Disposition: attachment\r\n'
        "Content-Transfer-Encoding: quoted-printable",
        quopri.encodestring(LINES.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n"),
    ),
    part(
        "Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: 8bit\r\n"
        'Content-Disposition: attachment; filename="raw.bin"',
        b"a\xff\xfe\r\nb" * 300_000,
    ),
    part("Content-Type: message/rfc822", INNER),
    part("Content-Type: message/delivery-status", b"Reporting-MTA: dns; x.example"),
    part("Content-Type: text/calendar", b"BEGIN:VCALENDAR"),
    part(
        "Content-Type: image/gif\r\nContent-Transfer-Encoding: x-uuencode\r\n"
        "Content-Location: a.gif",
        b"begin 644 a.gif\r\n#86)C\r\n`\r\nend",
    ),
    part("Content-Type: text/plain; charset=utf-8", "Tschüß".encode()),
)


@pytest.fixture
def session(dovecot, mailbox):
    imap = settings(dovecot.tls_port, encryption="ssl", login=mailbox.user)
    with ImapSession.open(imap) as session:
        yield session


@pytest.fixture
def read(session, mailbox):
    """A function that delivers a message and reads it in part."""

    def read(data):
        mailbox.append("INBOX", data)
        uid = examine(session, "INBOX").uidnext - 1
        (summary,) = fetch_summaries(session, [uid])
        return uid, summary, partial.fetch_partial(session, summary)

    return read


def test_the_text_and_the_header_are_those_of_the_whole(read):
    _uid, summary, found = read(LARGE)
    whole = parse(LARGE)
    message = found.message
    assert message.text == whole.text == "Grüße aus Köln\n\nTschüß"
    assert message.html == whole.html and "cid:Logo@x" in message.html
    assert message.header_digest == whole.header_digest == summary.header_digest
    for name in ("subject", "date", "message_id", "addresses", "is_automatic"):
        assert getattr(message, name) == getattr(whole, name)
    assert message.attachments == () and message.size == summary.size
    assert message.defects == (partial.LARGE,)


def test_every_attachment_can_be_fetched(read, session, mailbox):
    uid, _summary, found = read(LARGE)
    files = {file.filename: file for file in parse(LARGE).attachments}
    assert [p.filename for p in found.parts] == list(files)
    assert list(files) == [
        "logo.png", "Pläne.pdf", "a.csv", "raw.bin", "Old_ news.eml", "delivery-status.txt",
        "invite.ics", "attachment-8.gif",
    ]  # fmt: skip
    for remote in found.parts:
        file = files[remote.filename]
        data = partial.fetch_part(session, uid, remote)
        assert data == file.data
        assert (remote.content_type, remote.content_id, remote.inline, remote.location) == (
            file.content_type, file.content_id, file.inline, file.location,
        )  # fmt: skip
    assert files["Pläne.pdf"].data == BINARY and files["Old_ news.eml"].data == INNER
    assert [p.filename for p in found.parts if p.inline] == ["logo.png"]
    assert found.parts[-1].location == "a.gif"
    assert all(b"\\Seen" not in flags for flags in mailbox.flags("INBOX").values())


def test_a_structure_of_more_than_a_line(read, session):
    """Thousands of parts with long names make an answer that imaplib gives up on."""
    files = [part(f'Content-Type: application/x; name="{"n" * 150}"', b"x")] * 9000
    text = part("Content-Type: text/plain", b"words")
    uid, summary, found = read(HEADER + multipart("mixed", "b", text, *files))
    assert found.message.text == "words" and found.message.subject == "Grüße"
    assert found.message.defects[0] == partial.UNTOLD and not found.parts
    # The connection can still be used.
    assert fetch_summaries(session, [uid]) == [summary]


def test_some_bytes_of_an_attachment(read, session):
    uid, _summary, found = read(LARGE)
    pdf = found.parts[1]
    assert partial.fetch_part(session, uid, pdf, max_bytes=1000) == BINARY[:1000]
    missing = dataclasses.replace(pdf, section="9.9")
    with pytest.raises(MailboxError) as caught:
        partial.fetch_part(session, uid, missing)
    assert caught.value.code == "server_error"
    with pytest.raises(MailboxError):
        partial.fetch_part(session, uid + 1, pdf)


def test_identity_is_that_of_header_and_size(read):
    _uid, one, first = read(LARGE)
    _uid, two, second = read(LARGE)
    assert first.message.content_digest == second.message.content_digest
    assert first.message.content_digest != parse(LARGE).content_digest
    _uid, three, third = read(LARGE + b"\r\n")
    assert one.size == two.size != three.size
    assert third.message.content_digest != first.message.content_digest


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (email(text="Only text"), "Only text"),
        (HEADER + b"Content-Type: text/html\r\n\r\n<p>Only HTML</p>", "Only HTML"),
        (HEADER + b"Content-Type: application/pdf\r\n\r\n%PDF", ""),
        (HEADER + b"Content-Type: multipart/mixed\r\n\r\nno boundary", "no boundary"),
        (HEADER + b"\r\n", ""),
        (b"\r\nno header", "no header"),
    ],
)
def test_other_structures(read, data, text):
    _uid, _summary, found = read(data)
    assert found.message.text == parse(data).text == text
    assert len(found.parts) == len(parse(data).attachments)


def test_a_text_without_end_is_cut(read, monkeypatch):
    monkeypatch.setattr(partial, "TEXT_BYTES", 101)
    body = base64.encodebytes(b"words " * 1000)
    head = b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    _uid, _summary, found = read(HEADER + head + body)
    assert found.message.text.startswith("words words")
    assert "The text was too long. Its end was left out." in found.message.defects


def test_texts_beyond_the_budget_stay_on_the_server(read, session, monkeypatch):
    monkeypatch.setattr(partial, "TEXT_PARTS", 2)
    texts = [part("Content-Type: text/plain", b"text %d" % number) for number in range(4)]
    uid, _summary, found = read(HEADER + multipart("mixed", "b", *texts))
    assert found.message.text == "text 0\n\ntext 1"
    assert [partial.fetch_part(session, uid, p) for p in found.parts] == [b"text 2", b"text 3"]


def container(data):
    head = (
        "Content-Type: application/pkcs7-mime; name=smime.p7m\r\nContent-Transfer-Encoding: base64"
    )
    return part(head, base64.encodebytes(data))


def test_the_text_of_a_signed_email_is_at_its_beginning(read, session, monkeypatch):
    monkeypatch.setattr(partial, "TEXT_BYTES", 4000)
    pdf = part('Content-Type: application/pdf; name="a.pdf"', BINARY)
    text = part("Content-Type: text/plain; charset=utf-8", "Grüße".encode())
    signed = smime.signed(multipart("mixed", "b", text, pdf))
    uid, _summary, found = read(HEADER + container(signed))
    assert (found.message.text, found.message.protection) == ("Grüße", "signed")
    assert (found.message.attachments, found.message.defects) == ((), (partial.LARGE,))
    (remote,) = found.parts
    assert (remote.filename, remote.incidental) == ("smime.p7m", False)
    assert partial.fetch_part(session, uid, remote) == signed


def test_an_encrypted_email_says_so(read):
    encrypted = part("Content-Type: application/octet-stream; name=encrypted.asc", b"x")
    announced = part("Content-Type: application/pgp-encrypted", b"Version: 1")
    by_pgp = HEADER + multipart("encrypted", "b", announced, encrypted)
    for data, name in (
        (by_pgp, "encrypted.asc"),
        (HEADER + container(smime.encrypted(b"words")), "smime.p7m"),
    ):
        _uid, _summary, found = read(data)
        assert (found.message.text, found.message.protection) == (NOTICE, "encrypted")
        assert found.message.attachments == ()
        assert [(p.filename, p.incidental) for p in found.parts] == [(name, True)]


def test_a_signature_is_no_attachment(read):
    text = part("Content-Type: text/plain", b"words")
    signature = part("Content-Type: application/pgp-signature", b"x")
    _uid, _summary, found = read(HEADER + multipart("signed", "b", text, signature))
    assert (found.message.text, found.message.protection) == ("words", "signed")
    assert [(p.filename, p.incidental) for p in found.parts] == [("signature.asc", True)]


def test_a_message_that_is_gone(session):
    examine(session, "INBOX")
    assert partial.fetch_partial(session, Summary(99, 1, None, "", "")) is None


def play(fetch):
    server = imap_server({"UID FETCH": fetch})
    server.__enter__()
    session = ImapSession.open(settings(server.port))
    examine(session, "INBOX")
    return session


def literal(key, data):
    return f"{key} {{{len(data)}}}\r\n{data}"


WORDS = "From: a@x.example\r\nSubject: Hi\r\n\r\nwords"


@pytest.mark.parametrize(
    "structure",
    [
        "NIL",
        "()",
        "(NIL NIL)",
        '("text")',
        "(" * 3000 + ")" * 3000,
        '(("text" "plain" NIL NIL NIL "7bit" 3 1) NIL)',
        '("text" "plain" ("charset") NIL',
        "7",
        None,
    ],
)
def test_a_malformed_structure(structure):
    """Then the beginning is shown, and no files are promised."""

    def fetch(arguments):
        if "BODYSTRUCTURE" in arguments:
            if structure is None:
                return ["NO [SERVERBUG] can't"]
            header = literal("BODY[HEADER]<0>", "Subject: Hi\r\n\r\n")
            return [f"* 1 FETCH (UID 5 {header} BODYSTRUCTURE {structure})", "OK"]
        assert "BODY.PEEK[]<0.262144>" in arguments
        return [f"* 1 FETCH (UID 5 {literal('BODY[]<0>', WORDS)})", "OK"]

    found = partial.fetch_partial(play(fetch), Summary(5, 30_000_000, None, "", "ab"))
    assert found.parts == () and found.message.attachments == ()
    assert (found.message.text, found.message.subject) == ("words", "Hi")
    assert found.message.defects[0] == partial.UNTOLD and found.message.size == 30_000_000
    assert found.message.header_digest == "ab"


@pytest.mark.parametrize("left_out", ["header", "text"])
def test_a_server_that_leaves_out_a_section(left_out):
    def fetch(arguments):
        header = literal("BODY[HEADER]<0>", "Subject: Hi\r\n\r\n") if left_out == "text" else ""
        structure = 'BODYSTRUCTURE ("text" "plain" NIL NIL NIL "7bit" 5 1)'
        words = literal("BODY[]<0>", WORDS) if "BODY.PEEK[]" in arguments else ""
        return [f"* 1 FETCH (UID 5 {header} {structure} {words})", "OK"]

    found = partial.fetch_partial(play(fetch), Summary(5, 30_000_000, None, "", ""))
    assert (found.message.text, found.message.subject) == ("words", "Hi")
    assert found.message.defects[0] == partial.UNTOLD


def test_lines_in_a_structure_do_no_harm():
    """Names come from the server as it read them, with all that a literal may hold."""
    name = "a\r\nSubject: x.pdf"

    def fetch(arguments):
        if "BODYSTRUCTURE" in arguments:
            header = literal("BODY[HEADER]<0>", "Subject: Hi\r\n\r\n")
            param = f"{{{len(name)}}}\r\n{name}"
            structure = f'("application" "pdf" ("name" {param}) NIL NIL "BASE64" 8)'
            return [f"* 1 FETCH (UID 5 {header} BODYSTRUCTURE {structure})", "OK"]
        raise AssertionError(arguments)

    found = partial.fetch_partial(play(fetch), Summary(5, 30_000_000, None, "", ""))
    assert found.message.subject == "Hi"
    assert found.parts == (RemotePart("1", "a Subject_ x.pdf", "application/pdf", "base64", 8),)


def test_a_server_that_knows_no_partial_fetch():
    def fetch(_arguments):
        return [f"* 1 FETCH (UID 5 {literal('BODY[2]', 'QUJD')})", "OK"]

    remote = RemotePart("2", "a.bin", "application/x", "base64", 4)
    assert partial.fetch_part(play(fetch), 5, remote) == b"ABC"


def test_a_server_that_cuts_chunks_short():
    content, asked = base64.b64encode(b"0123456789" * 10).decode(), []

    def fetch(arguments):
        offset = int(arguments.partition("<")[2].partition(".")[0])
        asked.append(offset)
        chunk = content[offset : offset + 50]
        return [f"* 1 FETCH (UID 5 {literal(f'BODY[2]<{offset}>', chunk)})", "OK"]

    remote = RemotePart("2", "a.bin", "application/x", "base64", len(content))
    assert partial.fetch_part(play(fetch), 5, remote) == b"0123456789" * 10
    assert asked == [0, 50, 100]


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable", "8bit"])
@pytest.mark.parametrize("size", [1, 3, 4, 7, 78, 1000])
def test_chunks_of_any_size(encoding, size, monkeypatch):
    data = b"words = \xff\x00 and\r\nblanks \t\r\n\r\n" * 20
    encoded = {
        "base64": base64.encodebytes(data),
        "quoted-printable": quopri.encodestring(data.replace(b"\r\n", b"\n"), quotetabs=True),
        "8bit": data,
    }[encoding]
    expected = data.replace(b"\r\n", b"\n") if encoding == "quoted-printable" else data
    decoder = partial.transfer.Decoder(encoding)
    chunks = [encoded[at : at + size] for at in range(0, len(encoded), size)]
    assert b"".join([*map(decoder.feed, chunks), decoder.close()]) == expected


#: A folder of emails to try, for example real ones.
CORPUS = Path(os.environ["MAIL_CORPUS"]) if os.environ.get("MAIL_CORPUS") else None
if CORPUS:

    def test_corpus(session, mailbox):
        """Every email can be read in part, with the header's fields of the whole, and every file."""
        emails = [path.read_bytes() for path in sorted(CORPUS.rglob("*")) if path.is_file()]
        mailbox.server.append_many(mailbox.user, "INBOX", emails)
        uids = range(1, examine(session, "INBOX").uidnext)
        for summary in fetch_summaries(session, list(uids)):
            (raw,) = fetch_bodies(session, [summary.uid])
            found = partial.fetch_partial(session, summary)
            whole = parse(raw.data, uid_date=summary.internal_date)
            for name in ("subject", "date", "message_id", "addresses", "references"):
                assert getattr(found.message, name) == getattr(whole, name)
            for remote in found.parts:
                assert remote.size == 0 or partial.fetch_part(session, summary.uid, remote)
