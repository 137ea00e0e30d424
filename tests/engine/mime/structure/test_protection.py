"""Signed and encrypted emails: what is readable is read, and what is not is said."""

import base64
import time

import pytest

from crm_member_mail.mailbox.mime.message import files_of, parse
from crm_member_mail.mailbox.mime.structure import protection

from ... import smime

HEAD = b"From: Ana <ana@x.example>\r\nSubject: Hello\r\nMIME-Version: 1.0\r\n"
TYPED = "application/pkcs7-mime; smime-type"
ARMOR = "-----BEGIN PGP MESSAGE-----\n\nhQGMA0\n=abcd\n-----END PGP MESSAGE-----"
WITH_FILE = (
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    b"--b\r\nContent-Type: text/html\r\n\r\n<p>Your <b>offer</b></p>\r\n"
    b'--b\r\nContent-Type: application/pdf; name="Offer.pdf"\r\n'
    b"Content-Transfer-Encoding: base64\r\n\r\nJVBERi0x\r\n--b--\r\n"
)


def part(kind, data, name="", disposition="attachment"):
    """A part, or what follows the header of an email, of these bytes."""
    lines = [f"Content-Type: {kind}", "Content-Transfer-Encoding: base64"]
    if name:
        lines.append(f'Content-Disposition: {disposition}; filename="{name}"')
    return "\r\n".join([*lines, "\r\n"]).encode() + base64.encodebytes(data)


def mime_entity(data, kind='application/pkcs7-mime; smime-type=signed-data; name="smime.p7m"'):
    return part(kind, data, "smime.p7m")


def multipart(kind, *parts):
    """A multipart of parts, as bytes."""
    lines = [f"Content-Type: multipart/{kind}; boundary=outer".encode(), b""]
    for inner in parts:
        lines += [b"--outer", inner]
    return b"\r\n".join([*lines, b"--outer--", b""])


def text(words):
    return b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + words.encode()


def read(entity):
    return parse(HEAD + entity)


def names(parsed):
    return [file.filename for file in parsed.attachments]


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ('application/pkcs7-mime; smime-type=signed-data; name="smime.p7m"', "smime.p7m"),
        ("application/x-pkcs7-mime", "smime.p7m"),
        ("application/pkcs7-mime", ""),
        ("application/octet-stream", "smime.p7m"),
        ("application/octet-stream", "SMIME.P7M"),
        ("application/x-unknown", "signed.p7m"),
        ("application/octet-stream", ""),
    ],
)
@pytest.mark.parametrize("wrap", [smime.signed, smime.streamed])
def test_signed_opaquely(kind, name, wrap):
    parsed = read(part(kind, wrap(smime.ENTITY), name))
    assert (parsed.text, parsed.protection, parsed.attachments) == ("Grüße, signed.", "signed", ())


def test_its_files_and_html():
    parsed = read(mime_entity(smime.signed(WITH_FILE)))
    assert (parsed.text, parsed.html.strip()) == ("Your offer", "<p>Your <b>offer</b></p>")
    assert [(f.filename, f.data, f.incidental) for f in parsed.attachments] == [
        ("Offer.pdf", b"%PDF-1", False)
    ]


def test_beside_a_footer_of_a_list():
    parsed = read(multipart("mixed", mime_entity(smime.signed(smime.ENTITY)), text("The list")))
    assert parsed.text.split() == ["Grüße,", "signed.", "The", "list"]
    assert parsed.protection == "signed"


def test_beside_words_for_other_programs():
    parsed = read(
        multipart("alternative", text("You need S/MIME"), mime_entity(smime.signed(smime.ENTITY)))
    )
    assert (parsed.text, parsed.protection) == ("Grüße, signed.", "signed")


@pytest.mark.parametrize(
    "entity",
    [
        # Signed twice, signed around compressed, and signed in the clear within.
        mime_entity(smime.signed(smime.ENTITY)),
        mime_entity(smime.compressed(smime.ENTITY), "application/pkcs7-mime"),
        multipart(
            "signed", smime.ENTITY,
            part("application/pkcs7-signature", smime.signed(smime.ENTITY, detached=True), "smime.p7s"),
        ),
    ],
)  # fmt: skip
def test_containers_in_containers(entity):
    parsed = read(mime_entity(smime.signed(entity)))
    assert (parsed.text, parsed.protection) == ("Grüße, signed.", "signed")


def test_a_whole_email_within():
    whole = b"Content-Type: message/rfc822\r\n\r\n" + HEAD + WITH_FILE
    parsed = read(mime_entity(smime.signed(whole)))
    assert (parsed.text, names(parsed)) == ("Your offer", ["Offer.pdf"])


def test_raw_bytes_in_the_subject_are_in_its_charset():
    entity = b"Content-Type: text/plain; charset=windows-1251\r\n\r\n" + "Счёт".encode("cp1251")
    data = HEAD.replace(b"Hello", "Счёт".encode("cp1251")) + mime_entity(smime.signed(entity))
    assert (parse(data).subject, parse(data).text) == ("Счёт", "Счёт")


@pytest.mark.parametrize("charset", ["utf-8", "latin-1"])
def test_a_text_without_a_header(charset):
    assert read(mime_entity(smime.signed("Grüße\n".encode(charset)))).text == "Grüße"


def test_blank_lines_before_its_header():
    assert read(mime_entity(smime.signed(b"\r\n\r\n" + smime.ENTITY))).text == "Grüße, signed."


def test_what_exchange_calls_so():
    clear = multipart(
        "signed", smime.ENTITY, part("application/pkcs7-signature", b"0", "smime.p7s")
    )
    parsed = read(part("application/x-pkcs7-mime", clear, "smime.p7m"))
    assert (parsed.text, parsed.protection) == ("Grüße, signed.", "signed")


def test_signed_encrypted_and_signed():
    parsed = read(mime_entity(smime.signed(mime_entity(smime.encrypted(smime.ENTITY)))))
    assert (parsed.text, parsed.protection) == (protection.NOTICE, "encrypted")
    assert [(file.filename, file.incidental) for file in parsed.attachments] == [
        ("smime.p7m", True)
    ]


def test_it_counts_as_its_bytes():
    """What is opened does not change by what an email is recognised."""
    parsed = read(mime_entity(smime.signed(smime.ENTITY)))
    assert parsed.content_digest != read(smime.ENTITY).content_digest
    assert (
        parsed.content_digest
        == read(part("application/pkcs7-mime", smime.signed(smime.ENTITY))).content_digest
    )


@pytest.mark.parametrize("name", ["IT01234567890_FPR01.xml.p7m", "Contract.pdf.p7m"])
@pytest.mark.parametrize("kind", ["application/pkcs7-mime", "application/octet-stream"])
@pytest.mark.parametrize("wrap", [smime.signed, smime.encrypted])
def test_a_signed_document_is_a_file(name, kind, wrap):
    data = wrap(b"<?xml version='1.0'?><FatturaElettronica/>")
    parsed = read(multipart("mixed", text("Our invoice"), part(kind, data, name)))
    assert (parsed.text, parsed.protection) == ("Our invoice", "")
    assert [(f.filename, f.data, f.incidental) for f in parsed.attachments] == [(name, data, False)]


@pytest.mark.parametrize("kind", ["application/pkcs7-mime", "application/octet-stream"])
def test_a_document_may_have_a_short_name(kind):
    file = part(kind, smime.signed(b"%PDF-1.7 \x00"), "Contract.p7m")
    parsed = read(multipart("mixed", text("Please sign"), file))
    assert (parsed.text, parsed.protection) == ("Please sign", "")
    assert [(f.filename, f.incidental) for f in parsed.attachments] == [("Contract.p7m", False)]


def test_encrypted_and_without_a_name():
    parsed = read(part("application/octet-stream", smime.encrypted(smime.ENTITY)))
    assert (parsed.text, parsed.protection) == (protection.NOTICE, "encrypted")
    assert names(parsed) == ["smime.p7m"] and parsed.attachments[0].incidental


@pytest.mark.parametrize(
    ("kind", "data", "protected"),
    [
        (f"{TYPED}=enveloped-data", smime.encrypted(smime.ENTITY), "encrypted"),
        (f"{TYPED}=signed-data", smime.encrypted(smime.ENTITY), "encrypted"),
        ("application/octet-stream", smime.encrypted(smime.ENTITY), "encrypted"),
        (f"{TYPED}=authEnveloped-data",
         smime.container(smime.AUTH_ENVELOPED, b""), "encrypted"),
        (f"{TYPED}=enveloped-data", b"damaged", "encrypted"),
        (f"{TYPED}=signed-data", b"damaged", ""),
        (f"{TYPED}=certs-only", smime.signed(b"", detached=True), ""),
        ("application/pkcs7-mime", smime.signed(b"%PDF-1.7 \x00\xff"), "signed"),
    ],
)  # fmt: skip
def test_what_stays_closed_is_a_file(kind, data, protected):
    parsed = read(part(kind, data, "smime.p7m"))
    assert parsed.protection == protected
    assert parsed.text == (protection.NOTICE if protected == "encrypted" else "")
    assert [(f.filename, f.data, f.incidental) for f in parsed.attachments] == [
        ("smime.p7m", data, True)
    ]


def encrypted_by_pgp(kind="encrypted", name="encrypted.asc"):
    announced = b"Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n"
    return multipart(
        kind, announced, part("application/octet-stream", ARMOR.encode(), name, "inline")
    )


@pytest.mark.parametrize("kind", ["encrypted; protocol=pgp", "encrypted"])
@pytest.mark.parametrize("name", ["encrypted.asc", "msg.asc", ""])
def test_encrypted_by_pgp(kind, name):
    parsed = read(encrypted_by_pgp(kind, name))
    assert (parsed.text, parsed.html, parsed.protection) == (protection.NOTICE, "", "encrypted")
    (file,) = parsed.attachments
    assert (file.filename, file.data) == (name or "attachment-1.bin", ARMOR.encode())
    assert file.incidental


def test_encrypted_by_pgp_and_changed_by_exchange():
    parsed = read(encrypted_by_pgp("mixed"))
    assert (parsed.text, parsed.protection) == (protection.NOTICE, "encrypted")
    assert [(file.filename, file.incidental) for file in parsed.attachments] == [
        ("encrypted.asc", True)
    ]


@pytest.mark.parametrize("kind", ["application/pgp-encrypted", "application/octet-stream"])
@pytest.mark.parametrize("name", ["encrypted.asc", "openpgp-encrypted-message.asc", "ATT00002"])
@pytest.mark.parametrize("words", ["", "<html><body></body></html>"])
def test_encrypted_by_pgp_and_changed_even_more(kind, name, words):
    announced = part(kind, b"Version: 1\r\n", "ATT00001")
    armored = part("application/octet-stream", ARMOR.encode(), name)
    parsed = read(multipart("mixed", part("text/html", words.encode()), announced, armored))
    assert (parsed.text, parsed.protection) == (protection.NOTICE, "encrypted")
    assert [(file.filename, file.incidental) for file in parsed.attachments] == [(name, True)]


@pytest.mark.parametrize("kind", ["application/octet-stream", "text/plain", "application/pgp"])
@pytest.mark.parametrize("words", ["", "<html><body><br></body></html>"])
def test_an_encrypted_file_is_all_there_is(kind, words):
    armored = part(kind, ARMOR.encode(), "encrypted.asc")
    parsed = read(multipart("mixed", part("text/html", words.encode()), armored))
    assert (parsed.text, parsed.protection) == (protection.NOTICE, "encrypted")
    assert [(file.filename, file.incidental) for file in parsed.attachments] == [
        ("encrypted.asc", True)
    ]
    parsed = read(multipart("mixed", part(kind, ARMOR.encode(), "offer.pdf.asc")))
    assert (parsed.protection, parsed.attachments[0].incidental) == ("", False)


def test_encrypted_beside_a_footer():
    parsed = read(
        multipart("mixed", encrypted_by_pgp().replace(b"outer", b"inner"), text("The list"))
    )
    assert parsed.text == f"{protection.NOTICE}\n\nThe list"


def test_it_is_said_once():
    armored = part("text/html", f"<pre>{ARMOR}</pre>".encode())
    parsed = read(multipart("alternative", text(ARMOR), armored))
    assert (parsed.text, names(parsed)) == (protection.NOTICE, ["message.asc"])


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_encrypted_in_the_text(kind):
    words = ARMOR if kind == "plain" else f"<html><body><pre>\n{ARMOR}\n</pre></body></html>"
    parsed = read(part(f"text/{kind}", f"{words}\n".encode()))
    assert (parsed.text, parsed.html, parsed.protection) == (protection.NOTICE, "", "encrypted")
    assert [(f.filename, f.data, f.incidental) for f in parsed.attachments] == [
        ("message.asc", f"{ARMOR}\n".encode(), True)
    ]


@pytest.mark.parametrize(
    "words", [f"Look what I got:\n\n{ARMOR}", ARMOR.replace("-----", "> -----")]
)
def test_a_text_about_it_is_a_text(words):
    parsed = read(text(words))
    assert (parsed.protection, parsed.text) == ("", words)


def test_an_encrypted_file_is_a_file():
    file = part("application/pgp-encrypted", ARMOR.encode() * 3, "offer.gpg")
    parsed = read(multipart("mixed", text("See our offer"), file))
    assert (parsed.text, parsed.protection) == ("See our offer", "")
    assert [(f.filename, f.incidental) for f in parsed.attachments] == [("offer.gpg", False)]


def test_signed_in_the_text():
    words = (
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nDear Ana,\n\n- - milk\n- -- \nBo\n"
        "-----BEGIN PGP SIGNATURE-----\n\niQ\n-----END PGP SIGNATURE-----\n\nThe list\n"
    )
    parsed = read(text(words))
    assert parsed.text == "Dear Ana,\n\n- milk\n-- \nBo\n\nThe list"
    assert (parsed.protection, parsed.attachments) == ("signed", ())
    answer = "\n".join(f"> {line}" for line in words.splitlines())
    assert read(text(f"Thanks\n\n{answer}")).protection == ""


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("application/pgp-signature", ""),
        ("application/pgp-signature", "OpenPGP_signature.asc"),
        ("application/pkcs7-signature", "smime.p7s"),
        ("application/x-pkcs7-signature", "smime.p7s"),
        ("application/octet-stream", "PGP.sig"),
        ("application/octet-stream", ""),
    ],
)
def test_signed_in_the_clear(kind, name):
    parsed = read(multipart("signed", WITH_FILE, part(kind, b"xx", name)))
    assert (parsed.text, parsed.protection) == ("Your offer", "signed")
    offer, signature = parsed.attachments
    assert (offer.filename, offer.incidental, signature.incidental) == ("Offer.pdf", False, True)


def test_layers_are_limited():
    entity = smime.ENTITY
    for _layer in range(30):
        entity = mime_entity(smime.streamed(entity))
    parsed = read(entity)
    assert (parsed.text, names(parsed)) == ("", ["smime.p7m"]) and parsed.defects


def test_bombs_stay_closed():
    bomb = mime_entity(smime.compressed(b"Content-Type: text/plain\r\n\r\n" + b"x" * 30_000_000))
    began = time.process_time()
    parsed = read(multipart("mixed", *[bomb] * 20))
    assert names(parsed) == ["smime.p7m"] * 19  # one is opened, and leaves no room for the others
    assert time.process_time() - began < 5


def left(name, kind, data):
    """The files that one makes which was left on the server."""
    return [(file.filename, file.content_type, file.data) for file in files_of(name, kind, data)]


def test_a_container_that_was_left_on_the_server():
    kind = "application/pkcs7-mime"
    found = left("smime.p7m", kind, smime.signed(WITH_FILE))
    assert found == [("Offer.pdf", "application/pdf", b"%PDF-1")]
    for file in (
        ("smime.p7m", kind, smime.encrypted(WITH_FILE)),
        ("smime.p7m", kind, smime.signed(smime.ENTITY)),
        ("Contract.pdf.p7m", kind, smime.signed(b"%PDF-1.7")),
        ("a.txt", "text/plain", b"words"),
    ):
        assert left(*file) == [file]
