"""Files as people attach them, each with words of its own; and files that were made to do harm."""

import io
import zipfile

from openpyxl import Workbook
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

OFFICE = "application/vnd.openxmlformats-officedocument"
WORD, EXCEL = f"{OFFICE}.wordprocessingml.document", f"{OFFICE}.spreadsheetml.sheet"
OPEN = "application/vnd.oasis.opendocument.text"
PDF = "application/pdf"

_WORD = (
    '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
    "<w:body><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:body></w:document>"
)
_OPEN = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:text>'
    "<text:h>{0}</text:h><text:p>On {0}.</text:p></office:text></office:body></office:document-content>"
)


def zipped(**members):
    """The bytes of an archive of texts or bytes; "__" in a name stands for "/", "_" for a point."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), content)
    return file.getvalue()


def word(words):
    return zipped(word__document_xml=_WORD.format(words))


def excel(*cells):
    file, book = io.BytesIO(), Workbook()
    book.active.append(cells)
    book.save(file)
    return file.getvalue()


def open_text(words):
    return zipped(mimetype=OPEN, content_xml=_OPEN.format(words))


def pdf(*pages, **options):
    file = io.BytesIO()
    canvas = Canvas(file, **options)
    for words in pages:
        canvas.drawString(72, 720, words)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def secret_pdf(words):
    """One that can't be read without its password."""
    return pdf(words, encrypt=StandardEncryption("let me in", canPrint=0))


def endless_pdf(pages=3000):
    """A small one that takes hours to read: all its pages show the same thousands of texts."""
    shown = "".join(
        f"BT /F1 9 Tf {x * 7 % 600} {y * 11 % 800} Td (zz{x}) Tj ET\n"
        for x in range(80) for y in range(50)
    )  # fmt: skip
    kids = " ".join(f"{number + 4} 0 R" for number in range(pages))
    page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 3 0 R>>"
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Count {pages}/Kids[{kids}]/Resources<</Font<</F1<</Type/Font/Subtype/Type1"
        "/BaseFont/Helvetica>>>>>>>>",
        f"<</Length {len(shown)}>>\nstream\n{shown}endstream",
        *[page] * pages,
    ]
    data, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(data))
        data += f"{number} 0 obj\n{content}\nendobj\n".encode()
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    return (
        data
        + (
            f"xref\n0 {size}\n0000000000 65535 f \n{table}"
            f"trailer<</Size {size}/Root 1 0 R>>\nstartxref\n{len(data)}\n%%EOF\n"
        ).encode()
    )


#: Name, type, bytes, and a word in it, of the files that are found.
FOUND = (
    ("Angebot.pdf", PDF, pdf("Page one", "The airship leaves on Friday"), "airship"),
    ("Brief.docx", WORD, word("Dear gyroplane"), "gyroplane"),
    ("Prices.xlsx", EXCEL, excel("Montgolfiere", 1250.5), "montgolfiere"),
    ("Notes.odt", OPEN, open_text("aerostats"), "aerostats"),
    ("todo.txt", "text/plain", b"Buy parachutes", "parachutes"),
)


def hostile():
    """Name, type and bytes of those that nobody can read."""
    return (
        ("garbage.pdf", PDF, b"%PDF-1.7\n" + bytes(range(256)) * 40),
        ("secret.pdf", PDF, secret_pdf("submarine")),
        ("endless.pdf", PDF, endless_pdf()),
        ("cut.docx", WORD, b"PK\x03\x04 no document"),
        ("entities.docx", WORD, word("</w:t><!-- " + "]]>&x;" * 50)),
        ("broken.xlsx", EXCEL, zipped(xl__workbook_xml="<workbook")),
    )
