"""Which files make an email one with attachments."""

import pytest

from crm_member_mail.mailbox.mime.message import parse

from ....mail import email_with

SMALL, LARGE = b"\x89PNG" + b"x" * 4000, b"\x89PNG" + b"x" * 60_000


def enclosure(header, data=b"x", kind="plain"):
    """The file of an email with a text and a part that has this header."""
    head = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
    head += b"Content-Type: text/%b\r\n\r\nwords\r\n--b\r\n" % kind.encode()
    (file,) = parse(head + header.encode() + b"\r\n\r\n" + data + b"\r\n--b--\r\n").attachments
    return file


@pytest.mark.parametrize(
    "header",
    [
        "Content-Type: application/pgp-signature",
        "Content-Type: application/pkcs7-signature; name=smime.p7s",
        "Content-Type: application/x-pkcs7-signature; name=smime.p7s",
        "Content-Type: application/octet-stream; name=smime.p7s",
        "Content-Type: application/octet-stream; name=signature.asc",
        "Content-Type: application/octet-stream; name=OpenPGP_signature",
        "Content-Type: application/pgp-keys; name=OpenPGP_0x0BADCAFE.asc",
        "Content-Type: application/ms-tnef; name=winmail.dat",
        "Content-Type: application/octet-stream; name=WINMAIL.DAT",
        "Content-Type: application/pkcs7-mime; name=smime.p7m",
        "Content-Type: text/calendar; method=REQUEST",
        "Content-Type: application/ics; name=invite.ics",
        "Content-Type: application/octet-stream; name=Meeting.ics",
        "Content-Type: message/delivery-status",
        "Content-Type: message/disposition-notification",
    ],
)
def test_what_comes_along_by_itself(header):
    assert enclosure(header).incidental


def test_a_logo_is_small_and_was_in_the_text():
    header = "Content-Type: image/png; name=logo.png\r\nContent-ID: <logo>"
    assert enclosure(header, SMALL, "html").incidental
    assert not enclosure(header, LARGE, "html").incidental
    # In a plain text, it is a picture that somebody sent.
    assert not enclosure(header, SMALL).incidental


def test_a_logo_that_outlook_attaches_to_a_plain_text():
    header = "Content-Type: image/png; name=image001.png\r\nContent-Disposition: attachment"
    assert enclosure(header, SMALL).incidental
    assert not enclosure(header, LARGE).incidental


@pytest.mark.parametrize(
    "header",
    [
        "Content-Type: image/png; name=logo.png",
        "Content-Type: image/png; name=logo.png\r\nContent-Disposition: attachment",
        # So iPhones send photos.
        "Content-Type: image/jpeg; name=photo.jpg\r\nContent-Disposition: inline; filename=photo.jpg",
        "Content-Type: message/partial",
        "Content-Type: application/x-gzip; name=signature",
        "Content-Type: application/pdf; name=image001.pdf\r\nContent-ID: <a>",
        "Content-Type: application/pkcs7-mime; name=Contract.pdf.p7m",
        "Content-Type: application/pgp-encrypted; name=offer.pgp",
        "Content-Type: application/octet-stream; name=key.asc",
        "Content-Type: text/vcard; name=ana.vcf\r\nContent-Disposition: attachment",
        "Content-Type: message/rfc822",
    ],
)
def test_what_somebody_attached(header):
    assert not enclosure(header, SMALL, "html").incidental


def test_files_in_a_text_are_attached():
    data = b"\r\nHere:\r\nbegin 644 a.txt\r\n#86)C\r\n`\r\nend\r\n"
    assert [file.incidental for file in parse(data).attachments] == [False]


def test_an_ordinary_file():
    (file,) = parse(email_with(b"%PDF", "offer.pdf", "application/pdf")).attachments
    assert not file.incidental
