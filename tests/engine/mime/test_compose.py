"""Writing emails: nothing slips into a header, and other programs read what was written."""

import email
import re
from datetime import datetime, timedelta, timezone
from email import policy

import pytest

from crm_member_mail.mailbox.mime.compose import (
    MAX_ID,
    MAX_REFERENCES,
    OutgoingFile,
    OutgoingMail,
    build,
    make_message_id,
    redated,
    thread_headers,
    unsubscribe_link,
    without_bcc,
)
from crm_member_mail.mailbox.mime.message import parse
from crm_member_mail.mailbox.types import Address

MOMENT = datetime(2026, 2, 3, 4, 5, 6, tzinfo=timezone(timedelta(hours=5, minutes=30)))
OURS, ADA, BO = "office@club.example", "ada@member.example", "bo@member.example"


def mail(**values):
    people = values.pop("people", (("from", "The Club", OURS), ("to", "Ada", ADA)))
    defaults = {
        "subject": "Hello", "text": "Hello there.", "html": "<p>Hello there.</p>", "date": MOMENT,
        "message_id": "<1@club.example>",
    }  # fmt: skip
    return OutgoingMail(addresses=tuple(Address(*p) for p in people), **defaults | values)


def read(data):
    """An email as a strict reader sees it; its form is checked."""
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)|\0", data)
    assert max(map(len, data.split(b"\r\n"))) <= 998
    message = email.message_from_bytes(data, policy=policy.strict)
    for part in message.walk():
        assert not part.defects
        for name, value in part.items():
            assert not value.defects, (name, value)
    return message


NASTY = [
    "x\r\nBcc: evil@x.example", "x\nBcc: evil@x.example", "x\rBcc: evil@x.example",
    "x\r\n\r\n<p>body</p>", "x\0y", "x\u2028Bcc: evil@x.example", "x\x85Bcc: evil@x.example",
    "x\x0bBcc: evil@x.example", "\r\n Bcc: evil@x.example", "=?utf-8?q?x=0D=0ABcc:_evil?=",
    "\udcff\ud800", "\u202egnp.exe", '"', "\\", '\\"', "<evil@x.example>", ",;:()<>@[]", "", " ",
    "\u00fc" * 300, "x" * 2000, "a, b" * 100, "\u6f22" * 200, "\U0001f600" * 100,
]  # fmt: skip


@pytest.mark.parametrize("text", NASTY)
@pytest.mark.parametrize("place", ["subject", "from", "to", "file", "file type", "text"])
def test_nothing_slips_into_a_header(text, place):
    values = {
        "subject": {"subject": text},
        "from": {"people": (("from", text, OURS), ("to", "Ada", ADA))},
        "to": {"people": (("from", "The Club", OURS), ("to", text, ADA), ("to", text, BO))},
        "file": {"files": (OutgoingFile(text, "image/png", b"\x89PNG"),)},
        "file type": {"files": (OutgoingFile("x", text, b"\x89PNG"),)},
        "text": {"text": text.encode("utf-8", "replace").decode()},
    }[place]
    data = build(mail(**values))
    message = read(data)
    assert set(message.keys()) <= {
        "From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type",
        "Content-Transfer-Encoding",
    }  # fmt: skip
    assert [a.addr_spec for a in message["From"].addresses] == [OURS]
    assert [a.addr_spec for a in message["To"].addresses] == [ADA, BO][: 1 + (place == "to")]
    assert data.partition(b"\r\n\r\n")[0].isascii()
    # Our own reader, which is another one, agrees.
    assert {a.email for a in parse(data).addresses} <= {OURS, ADA, BO}


@pytest.mark.parametrize("field", ["in_reply_to", "references"])
@pytest.mark.parametrize(
    "text", ["<x\r\nBcc: a@x.example>", "<a b@x>", "<a\0@x>", "<\u00fc@x.example>"]
)
def test_nothing_slips_into_an_id(field, text):
    message = read(build(mail(**{field: (text,) if field == "references" else text})))
    assert not message["Bcc"]
    assert re.fullmatch(r"<[!-;=?-~]+>", message[field.replace("_", "-")].strip())


@pytest.mark.parametrize(
    "address", ["x", "", "A@x.example", "a@x.example\r\nBcc: b@x.example", "a@x.example, b@x.example",
                "a@x.example>", "a@b\u00fccher.example", "a b@x.example"],
)  # fmt: skip
@pytest.mark.parametrize("role", ["from", "to", "cc", "bcc", "reply_to"])
def test_only_addresses(address, role):
    people = [("from", "", OURS)] * (role != "from") + [(role, "", address)]
    with pytest.raises(ValueError):
        build(mail(people=people))


@pytest.mark.parametrize("senders", [0, 2])
def test_one_sender(senders):
    with pytest.raises(ValueError):
        build(mail(people=[("from", "", OURS)] * senders + [("to", "", ADA)]))


@pytest.mark.parametrize(
    "name",
    ["Ada", "M\u00fcller, Ada", 'Ada "the great"', "x@evil.example", "\u4f1a\u54e1, \u69d8",
     "Doe, " * 40 + "x",
     "\u00fc, " * 40 + "x", "O'Neill (Ada)", "a\\b"],
)  # fmt: skip
def test_names(name):
    people = [("from", name, OURS), ("to", name, ADA), ("cc", name, BO), ("reply_to", name, OURS)]
    message = read(build(mail(people=people)))
    for header in ("From", "To", "Cc", "Reply-To"):
        [address] = message[header].addresses
        # Where encoded words meet, `email` shows a blank.
        assert "".join(address.display_name.split()) == "".join(name.split())
    assert {(a.role, a.name) for a in parse(build(mail(people=people))).addresses} == {
        (role, name) for role, name, _email in people
    }


@pytest.mark.parametrize(
    "subject",
    ["Hello", "Gr\u00fc\u00dfe aus K\u00f6ln", "\u4f1a\u54e1\u306e\u7686\u69d8\u3078 " * 20, "x" * 500,
     "word " * 80 + "end", "\u00fc " * 80 + "end", "mixed \u00fc and plain words " * 10 + "x"],
)  # fmt: skip
def test_subjects(subject):
    data = build(mail(subject=subject))
    assert " ".join(read(data)["Subject"].split()) == " ".join(subject.split())
    assert parse(data).subject == " ".join(subject.split())


def test_what_looks_encoded_is_not_decoded():
    fake = "=?utf-8?q?x=0D=0ABcc:_evil?="
    people = [("from", fake, OURS), ("to", fake, ADA)]
    message = read(build(mail(people=people, subject=fake)))
    shown = "= ?utf-8?q?x=0D=0ABcc:_evil?="
    assert message["Subject"] == shown
    assert message["To"].addresses[0].display_name == shown


def test_bcc_is_in_the_copy_alone():
    people = [("from", "", OURS), ("to", "", ADA)]
    people += [("bcc", f"Secret {n}", f"secret{n}@member.example") for n in range(20)]
    kept = build(mail(people=people), with_bcc=True)
    assert len(read(kept)["Bcc"].addresses) == 20
    sent = without_bcc(kept)
    assert b"secret" not in sent.lower()
    assert read(sent)["To"].addresses[0].addr_spec == ADA
    assert b"secret" not in build(mail(people=people)).lower()
    assert len(mail(people=people).recipients) == 21


def test_bcc_in_the_body_stays():
    kept = build(mail(text="Bcc: x\r\n\r\nBcc: y\r\n", html=""), with_bcc=True)
    assert without_bcc(kept) == kept


def test_date():
    data = build(mail())
    assert read(data)["Date"].datetime == MOMENT
    later = MOMENT + timedelta(days=3)
    assert read(redated(data, later))["Date"].datetime == later
    assert redated(redated(data, later), MOMENT) == data


# -- threads ---------------------------------------------------------------------------------------


def test_ids_are_unique_and_say_nothing_of_us():
    ids = {make_message_id("club.example") for _number in range(100)}
    assert len(ids) == 100
    assert all(re.fullmatch(r"<[0-9a-f-]{36}@club\.example>", rfc_id) for rfc_id in ids)


@pytest.mark.parametrize("count", [0, 1, MAX_REFERENCES - 1, MAX_REFERENCES, 500])
def test_references(count):
    ids = [f"<{number}.{'x' * 60}@member.example>" for number in range(count)]
    references = thread_headers("<last@member.example>", ids)
    assert references[-1] == "<last@member.example>"
    assert len(references) == min(count + 1, MAX_REFERENCES)
    if ids:
        assert references[0] == ids[0]
    data = build(mail(in_reply_to=references[-1], references=references))
    assert tuple(read(data)["References"].split()) == references
    assert parse(data).references == references


@pytest.mark.parametrize(
    "rfc_id",
    ["<a=?utf-8?q?b?=c@x.example>", f"<{'x' * 900}@x.example>", "<a@[10.0.0.1]>", '<"a b"@x.example>',
     "<a@b@c>", "<!#$%&'*+-/=?^_`{|}~@x.example>"],
)  # fmt: skip
def test_ids_of_others_stay_as_they_are(rfc_id):
    data = build(mail(in_reply_to=rfc_id, references=("<0@x.example>", rfc_id)))
    unfolded = re.sub(rb"\r\n[ \t]+", b" ", data)
    # A blank within quotes is the one thing that would not survive folding.
    wanted = rfc_id.replace(" ", "").encode()
    assert b"In-Reply-To: " + wanted + b"\r\n" in unfolded.replace(b":  ", b": ")
    assert b"References: <0@x.example> " + wanted + b"\r\n" in unfolded


def test_ids_too_long_for_a_line_are_left_out():
    """A line has at most 998 bytes, without its end (RFC 5322 section 2.1.1)."""
    for size in range(970, 1005):
        long = f"<{'x' * (size - 12)}@x.example>"
        for first, last in (("<0@x.example>", long), (long, "<0@x.example>"), (long, long)):
            sent = read(build(mail(in_reply_to=last, references=(first, last))))
            ids = [rfc_id for rfc_id in (first, last) if len(rfc_id) <= MAX_ID]
            assert (sent["References"] or "").split() == ids
            assert sent["In-Reply-To"] == (last if last in ids else None)
    assert len("In-Reply-To: ") + MAX_ID == 998


@pytest.mark.parametrize("rfc_id", ["<>", "", " ", "\u6f22"])
def test_what_is_no_id_is_left_out(rfc_id):
    sent = read(build(mail(in_reply_to=rfc_id, references=(rfc_id, "<0@x.example>"))))
    assert sent["In-Reply-To"] is None
    assert sent["References"] == "<0@x.example>"


# -- content ---------------------------------------------------------------------------------------

BODIES = [
    ".", "..", ".\n.\n", "From here on", "x" * 5000, "a\nb", "a\r\nb", "a\rb", "\u00fc" * 3000,
    "\n\n\n", "",
    "trailing blanks  \n\t\n", "= = =3D", "-- \nsignature", "--=======", "\U0001f600\u202e",
]  # fmt: skip


@pytest.mark.parametrize("text", BODIES)
def test_texts(text):
    message = read(build(mail(text=text, html="")))
    assert message.get_content_type() == "text/plain"
    wanted = re.sub(r"\r\n|\r", "\n", text).rstrip("\n")
    assert re.sub(r"\r\n|\r", "\n", message.get_content()).rstrip("\n") == wanted


@pytest.mark.parametrize("body", BODIES)
def test_text_and_html(body):
    message = read(build(mail(html=f"<p>{body}</p>")))
    assert message.get_content_type() == "multipart/alternative"
    plain, rich = message.iter_parts()
    assert (plain.get_content_type(), rich.get_content_type()) == ("text/plain", "text/html")
    wanted = f"<p>{body}</p>".replace("\r\n", "\n").replace("\r", "\n")
    assert rich.get_content().replace("\r\n", "\n").rstrip("\n") == wanted


@pytest.mark.parametrize(
    "name", ["note.txt", "Angebot f\u00fcr M\u00fcller.pdf", "\u898b\u7a4d\u66f8 2026.pdf",
             "x" * 250 + ".pdf",
             'a"b\\c.txt',
             "a;b=c.txt", "\u00fc" * 120 + ".pdf"]
)  # fmt: skip
def test_files(name):
    data = bytes(range(256)) * 50
    letter = build(mail(files=(OutgoingFile(name, "application/pdf", data),)))
    [part] = read(letter).iter_attachments()
    assert (part.get_filename(), part.get_content()) == (name, data)
    assert part.get_content_disposition() == "attachment"
    [found] = parse(letter).attachments
    assert found.data == data and not found.inline


@pytest.mark.parametrize(
    ("name", "kind", "sent"),
    [
        ("Offer", "application/pdf", "Offer.pdf"),
        ("Scan 2026.01.02", "image/png", "Scan 2026.01.02.png"),
        ("Photo", "image/webp", "Photo.webp"),
        ("photo.jpeg", "image/png", "photo.jpeg"),
        ("a.7z", "application/pdf", "a.7z"),
        ("", "image/jpeg", "file.jpg"),
        ("README", "text/plain", "README"),
        ("blob", "application/octet-stream", "blob"),
        ("thing", "application/x-nobody-knows", "thing"),
    ],
)
def test_names_have_an_ending(name, kind, sent):
    [part] = read(build(mail(files=(OutgoingFile(name, kind, b"x"),)))).iter_attachments()
    assert part.get_filename() == sent


@pytest.mark.parametrize("name", ["", "image", ".png"])
@pytest.mark.parametrize("kind", ["image/png", "image/x-png", "application/octet-stream", ""])
def test_images_of_the_text_have_a_name(name, kind):
    image = OutgoingFile(name, kind, b"\x89PNG\r\n1", "a@club.example")
    letter = read(build(mail(html='<img src="cid:a@club.example">', files=(image,))))
    names = [part.get_filename() for part in letter.walk() if part.get_filename()]
    assert names == ["image.png"]


@pytest.mark.parametrize(
    ("data", "charset"),
    [
        (b"plain", "utf-8"),
        ("Gr\u00fc\u00dfe \u20ac".encode(), "utf-8"),
        ("\ufeffGr\u00fc\u00dfe".encode(), "utf-8"),
        ("\u65e5\u672c\u8a9e".encode(), "utf-8"),
        ("Gr\u00fc\u00dfe, 5 \u20ac".encode("cp1252"), "windows-1252"),
        ("Name;Stra\u00dfe\r\n".encode("latin-1") * 1000, "windows-1252"),
        ("\ufeffGr\u00fc\u00dfe".encode("utf-16-le"), "utf-16"),
        ("\ufeffGr\u00fc\u00dfe".encode("utf-32-be"), "utf-32"),
        ("Gda\u0144sk, z\u0142oty, \u017c\u00f3\u0142w".encode("cp1250"), "iso-8859-2"),
        (
            "\u041f\u0440\u0438\u0432\u0435\u0442 \u0432\u0441\u0435\u043c".encode("cp1251"),
            "windows-1251",
        ),
        ("\u3053\u3093\u306b\u3061\u306f\u3001\u4e16\u754c".encode("cp932"), "shift_jis"),
        ("\u65e5\u672c\u8a9e".encode("iso-2022-jp"), "iso-2022-jp"),
        # Rather none than a wrong one.
        ("\u041f\u0440".encode("cp1251"), None),
        (b"a\x81b", None),
    ],
)
@pytest.mark.parametrize("kind", ["text/plain", "text/csv"])
def test_text_files_say_their_charset(data, charset, kind):
    [part] = read(build(mail(files=(OutgoingFile("a.txt", kind, data),)))).iter_attachments()
    assert (part.get_content_charset(), part.get_content_type()) == (charset, kind)
    assert part.get_payload(decode=True) == data


def test_other_files_have_no_charset():
    [part] = read(
        build(mail(files=(OutgoingFile("a.pdf", "application/pdf", b"x"),)))
    ).iter_attachments()
    assert part.get_content_charset() is None


@pytest.mark.parametrize(
    ("email", "subject", "link"),
    [
        (OURS, "Unsubscribe 1f", f"mailto:{OURS}?subject=Unsubscribe%201f"),
        ("j\u00fcrgen+a&b@member.example", "a&b=?<>,\r\nx", "mailto:j%C3%BCrgen%2Ba%26b@member.example"
         "?subject=a%26b%3D%3F%3C%3E%2C%0D%0Ax"),
    ],
)  # fmt: skip
def test_unsubscribe(email, subject, link):
    assert unsubscribe_link(email, subject) == link
    assert read(build(mail(unsubscribe=link)))["List-Unsubscribe"].strip() == f"<{link}>"


def test_unsubscribe_is_folded_nowhere():
    link = unsubscribe_link(OURS, "x" * 300)
    data = build(mail(unsubscribe=link))
    assert f"List-Unsubscribe: <{link}>\r\n".encode() in data
    assert b"List-Unsubscribe" not in build(mail())
    assert b"One-Click" not in data


@pytest.mark.parametrize(
    "link", ["mailto:a@b>\r\nBcc: evil@x.example", "mailto:\u00fc@x", "a b<c>"]
)
def test_nothing_slips_in_with_unsubscribe(link):
    message = read(build(mail(unsubscribe=link)))
    assert not message["Bcc"] and re.fullmatch(r"<[!-;=?-~]*>", message["List-Unsubscribe"].strip())


@pytest.mark.parametrize(
    "kind", ["message/rfc822", "multipart/mixed", "text/html; charset=x", "x", ""]
)
def test_files_of_any_type_arrive_as_they_are(kind):
    data = b"From: x\n\n\r\n\r.\x00\xff--x"
    [part] = read(build(mail(files=(OutgoingFile("x", kind, data),)))).iter_attachments()
    assert part.get_payload(decode=True) == data


def test_images_of_the_text():
    image = OutgoingFile("logo \u00fc.png", "image/png", b"\x89PNG1", "logo@club.example")
    file = OutgoingFile("note.txt", "text/plain", b"note")
    html = '<p>Hello <img src="cid:logo@club.example"></p>'
    letter = build(mail(html=html, files=(image, file)))
    message = read(letter)
    assert message.get_content_type() == "multipart/mixed"
    alternative, attached = message.iter_parts()
    plain, related = alternative.iter_parts()
    assert related.get_content_type() == "multipart/related"
    rich, picture = related.iter_parts()
    assert rich.get_content().strip() == html
    assert picture["Content-ID"].strip() == "<logo@club.example>"
    assert picture.get_content_disposition() == "inline" and picture.get_content() == b"\x89PNG1"
    assert attached.get_filename() == "note.txt" and plain.get_content_type() == "text/plain"
    found = {a.filename: (a.content_id, a.inline) for a in parse(letter).attachments}
    assert found == {"logo \u00fc.png": ("logo@club.example", True), "note.txt": ("", False)}


@pytest.mark.parametrize("cid", ["x>\r\nBcc: a@x.example", "a b@x", "\u00fc@x.example"])
def test_nothing_slips_in_with_an_image(cid):
    image = OutgoingFile("x.png", "image/png", b"\x89PNG1", cid)
    try:
        message = email.message_from_bytes(build(mail(files=(image,))), policy=policy.default)
    except ValueError:
        return  # refused, which is as good
    assert all("Bcc" not in part for part in message.walk())


def test_local_parts_beyond_ascii():
    people = [("from", "M\u00fcller, A", OURS), ("to", "J, \u00fc", "j\u00fcrgen@member.example")]
    data = build(mail(people=people))
    message = email.message_from_string(data.decode(), policy=policy.SMTPUTF8)
    assert [a.addr_spec for a in message["To"].addresses] == ["j\u00fcrgen@member.example"]
    assert [a.addr_spec for a in message["From"].addresses] == [OURS]
