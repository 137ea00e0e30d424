"""The translation files: the templates are what Odoo exports, and nothing is missing or broken."""

import io
import re

import polib
import pytest
from lxml import etree

from odoo.tools.translate import trans_export

from odoo.addons.crm_member_mail.mailbox.errors import CODES, MailboxError

from dev.translations import (
    LANGUAGES,
    ROOT,
    bring_in_line,
    mistakes,
    template_of,
    template_path,
)

MEND = "run `make i18n`"

TEMPLATES = sorted(ROOT.glob("*/i18n/*.pot"))
FILES = [path.with_name(f"{language}.po") for path in TEMPLATES for language in LANGUAGES]


def shown(path):
    return str(path.relative_to(ROOT))


def read(path):
    return polib.pofile(str(path), encoding="utf-8")


def test_the_template_is_what_odoo_exports(env):
    exported = io.BytesIO()
    assert trans_export(None, ["crm_member_mail"], exported, "po", env)
    template = template_of("crm_member_mail", exported.getvalue().decode())
    assert str(template) == str(read(template_path("crm_member_mail"))), MEND


def test_the_engine_speaks_with_the_others():
    ids = {entry.msgid for entry in read(template_path("crm_member_mail"))}
    spoken = {text for _kind, *texts in CODES.values() for text in texts if text}
    assert spoken <= ids
    assert "The server" in ids


def test_codes_are_not_for_translators():
    """Odoo's export mistakes them for texts in a tuple that follows a call of `_` or `_lt`."""
    ids = {entry.msgid for entry in read(template_path("crm_member_mail"))}
    assert not ids & {*CODES, *(case.kind for case in CODES.values()), "in", "out"}


def say(text, **values):
    return text % values


@pytest.mark.parametrize("code", CODES)
def test_sentences_of_the_engine_are_whole(code):
    sentence = str(MailboxError(code, "details", "imap.example.com"))
    assert not set("%{}") & set(sentence)
    assert "(" not in MailboxError(code, "", "imap.example.com").sentence(say)


@pytest.mark.parametrize("code", CODES)
def test_details_stay_apart_from_the_sentence(code):
    """Unless the sentence is about them, as it is about a folder."""
    error = MailboxError(code, "535 no", "imap.example.com")
    assert ("535 no" in error.sentence(say)) == ("535 no" not in error.details(say))
    assert str(error).count("535 no") == 1


def test_what_the_export_passes_by_has_no_texts():
    """Templates inside JavaScript, and computed attributes."""
    sources = [path.read_text() for path in ROOT.glob("*/static/src/**/*.js")]
    inline = [found for source in sources for found in re.findall(r"xml`(.*?)`", source, re.S)]
    assert inline
    files = [path.read_bytes() for path in ROOT.glob("*/static/src/**/*.xml")]
    for template in [f"<t>{text}</t>" for text in inline]:
        for element in etree.fromstring(template).iter():
            texts = [element.text, element.tail]
            if element.tag[0].islower():  # what a component is given is an expression
                texts += map(element.get, ("title", "aria-label", "alt"))
            assert not any(text and text.strip() for text in texts), template
    for template in [*inline, *(data.decode() for data in files)]:
        computed = re.findall(r't-att-(?:title|aria-label|placeholder|alt)="([^"]*)"', template)
        literals = [text for code in computed for text in re.findall(r"'([^']*)'", code)]
        assert not any(map(str.isalpha, "".join(literals))), computed


@pytest.mark.parametrize("path", FILES, ids=shown)
def test_in_line_with_the_template(path):
    template = read(next(path.parent.glob("*.pot")))
    po = read(path)
    bring_in_line(po, template)
    assert path.read_text() == str(po), MEND


@pytest.mark.parametrize("path", FILES, ids=shown)
def test_complete(path):
    po = read(path)
    assert not [entry.msgid for entry in po.untranslated_entries() + po.fuzzy_entries()]


@pytest.mark.parametrize("path", FILES, ids=shown)
def test_nothing_is_broken(path):
    assert not mistakes(read(path))


@pytest.mark.parametrize(
    ("text", "translation"),
    [
        ("%s messages", "Nachrichten"),
        ("%(known)s of %(total)s", "%(known)s von %(totel)s"),
        ("%(name)s has %(size)s", "%(name)s hat %(size)"),
        ("Only <b>now</b>", "Nur jetzt"),
        ("Only <b>now</b>", "Nur <b>jetzt"),
        ('<i class="fa" title="Found"/> Found', '<i class="fb" title="Gefunden"/> Gefunden'),
        ("New in {{ object.name }}", "Neu in {{ object.namen }}"),
        ('{{ ctx.get("count", 0) }} new', '{{ ctx.get("anzahl", 0) }} neue'),
        ('<t t-out="object.name"/>', '<t t-out="object.namen"/>'),
        ("POP3 &amp; IMAP", "POP3 & IMAP"),
    ],
)
def test_what_is_broken_is_found(text, translation):
    po = polib.POFile()
    po.append(polib.POEntry(msgid=text, msgstr=translation))
    assert len(mistakes(po)) == 1


@pytest.mark.parametrize(
    ("text", "translation"),
    [
        ("%(known)s of %(total)s", "%(total)s, davon %(known)s"),
        ('<i class="fa" title="Found"/> Found', '<i class="fa" title="Gefunden"/> Gefunden'),
        ('{{ object.subject or "(no subject)" }}', '{{ object.subject or "(ohne Betreff)" }}'),
        ("<t t-out=\"a or 'None'\"/>", "<t t-out=\"a or 'Keine'\"/>"),
        ("At least 50 %", "Mindestens 50 %"),
    ],
)
def test_what_may_differ(text, translation):
    po = polib.POFile()
    po.append(polib.POEntry(msgid=text, msgstr=translation))
    assert not mistakes(po)
