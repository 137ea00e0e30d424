"""Checks that XML files are well-formed and that Odoo's data files follow Odoo's grammar.

.dev/venv/bin/python dev/check_xml.py FILE...
"""

import importlib.util
import sys
from pathlib import Path

from lxml import etree


def odoo_grammar():
    """The RELAX NG grammar with which Odoo checks data files; found without importing Odoo."""
    odoo = importlib.util.find_spec("odoo")
    return etree.RelaxNG(
        file=str(Path(next(iter(odoo.submodule_search_locations))) / "import_xml.rng")
    )


def errors_of(path, grammar):
    try:
        document = etree.parse(path)
    except etree.XMLSyntaxError as error:
        return [f"{path}:{error.lineno}: {error.msg}"]
    if document.getroot().tag != "odoo" or grammar.validate(document):
        return []
    return [f"{path}:{error.line}: {error.message}" for error in grammar.error_log]


def main(paths):
    grammar = odoo_grammar()
    errors = [error for path in paths for error in errors_of(path, grammar)]
    for error in errors:
        print(error)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
