"""The translation files: templates without what changes at each export, and .po files that match them.

.dev/venv/bin/python -m dev.translations ADDON...     (dev/i18n does the export first)
"""

import re
import sys
from collections import Counter
from pathlib import Path

import polib
from lxml import etree

ROOT = Path(__file__).resolve().parents[1]

#: The languages that the addons come in, with the plural forms of each.
LANGUAGES = {
    "de": "nplurals=2; plural=(n != 1);",
    "es": "nplurals=2; plural=(n != 1);",
    "fr": "nplurals=2; plural=(n > 1);",
}

#: Placeholders in texts of Python and JavaScript (%s, %(name)s) and in mail templates.
_PLACEHOLDERS = re.compile(r"%(?:\(\w+\))?[sd]|%%|\{\{.*?\}\}", re.S)
_TEXT_IN_CODE = re.compile(r"\b(?:or|else)\s+(?:'[^']*'|\"[^\"]*\")")

#: Attributes whose value is a text (of those that Odoo's export takes, the ones that our views have).
_TEXT_ATTRIBUTES = {"title", "aria-label", "placeholder", "alt", "string", "help", "data-tooltip"}


def template_path(addon):
    return ROOT / addon / "i18n" / f"{addon}.pot"


def template_of(addon, exported):
    """What Odoo exported for an addon, as a template that changes only with its texts.

    :param str exported: the export, or the path of one
    :rtype: polib.POFile
    """
    template = polib.pofile(exported, encoding="utf-8")
    template.header = ""
    template.metadata = _metadata(addon)
    return template


def bring_in_line(po, template):
    """Give ``po`` the texts of ``template``, in the same order; translations stay."""
    po.merge(template)
    order = {entry.msgid: place for place, entry in enumerate(template)}
    po[:] = sorted(
        (entry for entry in po if entry.msgid in order), key=lambda entry: order[entry.msgid]
    )


def mistakes(po):
    """What is wrong with the translations that there are: list of texts for the translator.

    Placeholders, tags and computed attributes must be the same as in the original.
    """
    found = []
    for entry in po.translated_entries():
        was, now = _placeholders(entry.msgid), _placeholders(entry.msgstr)
        if (tree := _tree(entry.msgid)) is not None:
            if (translated := _tree(entry.msgstr)) is None:
                found.append(f"no valid XML: {entry.msgstr}")
                continue
            was, now = was + _code(tree), now + _code(translated)
        if was != now:
            differ = ", ".join(sorted((was - now) + (now - was)))
            found.append(f"{differ} must be as in the original: {entry.msgstr}")
    return found


def _placeholders(text):
    return Counter(_TEXT_IN_CODE.sub("", found) for found in _PLACEHOLDERS.findall(text))


def _tree(text):
    """The text as XML; None when it isn't XML."""
    try:
        return etree.fromstring(f"<div>{text}</div>")
    except etree.XMLSyntaxError:
        return None


def _code(tree):
    """The tags below an element, and those of their attributes that nobody reads."""
    code = Counter(f"<{element.tag}>" for element in tree.iterdescendants())
    code.update(
        f'{name}="{_TEXT_IN_CODE.sub("", value) if name.startswith("t-") else value}"'
        for element in tree.iterdescendants()
        for name, value in element.attrib.items()
        if name not in _TEXT_ATTRIBUTES
    )
    return code


def _metadata(addon, language=None):
    metadata = {
        "Project-Id-Version": f"{addon} 19.0",
        "Report-Msgid-Bugs-To": "",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
    }
    if language:
        metadata |= {"Language": language, "Plural-Forms": LANGUAGES[language]}
    return metadata


def _write(addon):
    path = template_path(addon)
    if not path.read_text().strip():  # nothing to translate
        path.unlink()
        return
    template = template_of(addon, str(path))
    template.save(str(path))
    print(f"{path.relative_to(ROOT)}: {len(template)} texts")
    for language in LANGUAGES:
        path = template_path(addon).with_name(f"{language}.po")
        if path.exists():
            po = polib.pofile(str(path), encoding="utf-8")
        else:
            po = polib.POFile()
            po.metadata = _metadata(addon, language)
        bring_in_line(po, template)
        po.save(str(path))
        missing = len(po.untranslated_entries()) + len(po.fuzzy_entries())
        print(f"{path.relative_to(ROOT)}: {missing} texts to translate")
        for mistake in mistakes(po):
            print(f"  {mistake}")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        _write(name)
