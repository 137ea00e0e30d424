"""Names of files: those of attachments stay what people know them by."""

import pytest

from crm_member_mail.mailbox.mime.structure.file_names import attachment_name, safe_name


@pytest.mark.parametrize(
    "name",
    [
        "Invoice 7.pdf", "Angebot Nr. 12", "Mr. Smith's letter", "A.B.C. GmbH", "___.pdf", "~",
        "~$doc.docx", "-rf.txt", "notes.txt~", "con.txt", "nul", "two  blanks.txt", "a.tar.gz",
        "見" * 120 + ".pdf",
    ],
)  # fmt: skip
def test_names_that_stay(name):
    assert attachment_name(name) == name


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("", ""),
        ("..", ""),
        ("????.pdf", "____.pdf"),
        ("/etc/passwd", "passwd"),
        ("C:\\temp\\plan.txt", "plan.txt"),
        ("a\tb\nc.txt", "a_b_c.txt"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("soft\u00adhyphen\ufeff.txt", "softhyphen.txt"),
        (" .hidden. ", "hidden"),
        ("x" * 400 + ".txt", "x" * 146 + ".txt"),
        ("x" * 400 + ".no extension is as long as this", "x" * 150),
    ],
)
def test_names_that_change(path, name):
    assert attachment_name(path) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Re: Rooms?", "Re_ Rooms_"),
        (None, "message"),
        ("///", "message"),
        ("con", "message con"),
        ("  two   blanks ", "two blanks"),
    ],
)
def test_titles(text, name):
    assert safe_name(text) == name
