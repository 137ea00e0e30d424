"""The files of translations: templates without what changes at each export, .po files in line with them.

.venv/bin/python -m dev.translations ADDON...     (dev/i18n does the export before it)
"""

import sys
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parents[1]

#: The languages that the addons come in, with the plural forms of each.
LANGUAGES = {
    "de": "nplurals=2; plural=(n != 1);",
    "es": "nplurals=2; plural=(n != 1);",
    "fr": "nplurals=2; plural=(n > 1);",
}


def template_path(addon):
    return ROOT / addon / "i18n" / f"{addon}.pot"


def template_of(addon, exported):
    """What Odoo exported for an addon, as a template that only its texts can change.

    :param str exported: the export, or the path of one
    :rtype: polib.POFile
    """
    template = polib.pofile(exported, encoding="utf-8")
    template.header = ""
    template.metadata = _metadata(addon)
    return template


def bring_in_line(po, template):
    """Give ``po`` the texts of ``template``, in its order; what is translated stays translated."""
    po.merge(template)
    order = {entry.msgid: place for place, entry in enumerate(template)}
    po[:] = sorted(
        (entry for entry in po if entry.msgid in order), key=lambda entry: order[entry.msgid]
    )


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
        print(f"{path.relative_to(ROOT)}: {missing} still to be translated")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        _write(name)
