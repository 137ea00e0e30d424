"""What databases hold because of the addons, read from their code: schema.txt beside this file.

    .dev/venv/bin/python dev/upgrade/schema.py            the schema has changed, and the version
    .dev/venv/bin/python dev/upgrade/schema.py --again    likewise, while the version is no release yet

Odoo runs the scripts in migrations/VERSION only when the version of the installed addon is a lower one.
So a change of the schema comes with a new version, and tests/house/test_schema.py fails without one.
Part of the schema are stored fields, constraints and indexes of models, and the records in data files
with noupdate="1", which Odoo writes only once: an upgrade changes none of them by itself.
"""

import argparse
import ast
import difflib
import hashlib
import sys
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = Path(__file__).with_name("schema.txt")

#: What of a field decides how it is stored, apart from its type.
OPTIONS = (
    "attachment", "company_dependent", "compute", "index", "ondelete", "related", "required",
    "translate",
)  # fmt: skip
LINKS = {"Many2one", "Many2many", "FiledUnder"}
NEVER_STORED = {"One2many", "One2manyByCopy"}
INDEXES = {"Constraint", "Index", "UniqueIndex"}


def schema(root=ROOT):
    """The lines of the schema of all addons, each addon's after one with its name and version."""
    lines = []
    for manifest in sorted(root.glob("crm_member_mail*/__manifest__.py")):
        version = ast.literal_eval(manifest.read_text())["version"]
        addon = manifest.parent
        lines += [f"# {addon.name} {version}", *sorted({*_of_models(addon), *_of_data(addon)})]
    return lines


def _of_models(addon):
    for folder in ("models", "wizards"):
        for path in (addon / folder).rglob("*.py"):
            for node in ast.parse(path.read_text()).body:
                if isinstance(node, ast.ClassDef) and not _is_transient(node):
                    yield from _of_class(node)


def _is_transient(node):
    return any(ast.unparse(base).endswith("TransientModel") for base in node.bases)


def _of_class(node):
    values = {
        ast.unparse(item.targets[0]): item.value
        for item in node.body
        if isinstance(item, ast.Assign)
    }
    model = values.get("_name") or values.get("_inherit")
    if not isinstance(model, ast.Constant):
        return
    for name, value in values.items():
        if isinstance(value, ast.Call) and (what := _of_value(name, value)):
            yield f"{model.value} {name}: {what}"
    for item in node.body:
        if isinstance(item, ast.FunctionDef) and item.name == "init":
            yield f"{model.value} init(): {_digest(ast.unparse(item))}"


def _of_value(name, call):
    """How a field, a constraint or an index is stored; '' for what is not."""
    module, _dot, kind = ast.unparse(call.func).rpartition(".")
    if module == "models" and kind in INDEXES:
        return f"{kind} {ast.unparse(call.args[0])}"
    options = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
    is_computed = "compute" in options or "related" in options
    if kind in NEVER_STORED or options.get("store") == "False":
        return ""
    if is_computed and options.get("store") != "True":
        return ""
    # Of our own kinds of fields, and of functions that make some.
    if module != "fields" and (module or name.startswith("_")):
        return ""
    links = [ast.unparse(arg) for arg in call.args] if kind in LINKS else []
    chosen = [f"{name}={options[name]}" for name in OPTIONS if name in options]
    return " ".join([kind, *filter(_is_name, links), *chosen])


def _is_name(argument):
    """Whether it is the name of a model, table or column, rather than a label."""
    return argument.startswith("'") and argument == argument.lower() and " " not in argument


def _of_data(addon):
    for path in sorted([*addon.glob("data/*.xml"), *addon.glob("security/*.xml")]):
        root = ElementTree.parse(path).getroot()
        for part in [root, *root.iter("data")]:
            if part.get("noupdate") == "1":
                for record in part.iter("record"):
                    text = ElementTree.canonicalize(
                        ElementTree.tostring(record, "unicode"), strip_text=True
                    )
                    yield f"{record.get('id')} ({record.get('model')}): {_digest(text)}"


def _digest(text):
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def versions(lines):
    """The lines with addons and versions."""
    return [line for line in lines if line.startswith("#")]


def changes(stored, found):
    """Lines of what is new (+) or gone (-)."""
    return [line for line in difflib.ndiff(stored, found) if line[0] in "+-"]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--again", action="store_true", help="the version is no release yet")
    again = parser.parse_args().again
    stored = SCHEMA.read_text().splitlines() if SCHEMA.exists() else []
    found = schema()
    if found != stored and versions(found) == versions(stored) and not again:
        print("The schema has changed:", *changes(stored, found), sep="\n")
        print("Raise the version in __manifest__.py first; or --again, if it is no release yet.")
        return 1
    SCHEMA.write_text("\n".join(found) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
