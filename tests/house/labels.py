"""Reads, without Odoo, the texts of the addons that people see: from Python, XML and JavaScript."""

import ast
import re
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import NamedTuple

from lxml import etree

ROOT = Path(__file__).parents[2]

#: Where the label stands among the positional arguments of a field.
PLACES = {"Selection": 1, "Reference": 1, "Many2one": 1, "One2many": 2, "Many2many": 4}
#: Attributes of views and templates that people read.
ATTRIBUTES = {
    "string", "add-label", "help", "sum", "avg", "confirm", "placeholder", "alt", "title", "label",
    "aria-label", "aria-placeholder", "aria-roledescription", "aria-valuetext", "value_label",
    "data-tooltip", "confirm-label", "confirm-title", "cancel-label",
}  # fmt: skip
#: Records whose names only developers see.
UNNAMED = {"ir.ui.view", "ir.rule", "queue.job.channel", "queue.job.function"}
#: Fields of data records that hold a text.
TEXTS = {"name", "summary", "description", "comment", "subject", "help", "body_html"}
#: Fields of Odoo's mixins that are changed here: they keep their labels.
CHANGED = re.compile("google_gmail_|microsoft_outlook_")
#: What may stand between the words of a sentence.
INLINE = {"a", "b", "br", "code", "em", "i", "span", "strong", "t", "u"}
CALL = re.compile(
    r"""(?<![\w$])_t\(\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|`((?:[^`\\]|\\.)*)`)"""
)


class Text(NamedTuple):
    """A text on a screen, and where it is written.

    ``kind`` is ``label`` (of a field, a button, a page, a model …) or ``sentence``; ``model`` and
    ``field`` are those whose label it is, or ''.
    """

    text: str
    path: str
    line: int
    kind: str
    model: str = ""
    field: str = ""

    def __str__(self):
        return f"{self.path}:{self.line} {self.text!r}"


def files(suffix):
    """The addons' files with a suffix, tests and libraries of others left out."""
    return [
        path
        for addon in sorted(ROOT.glob("crm_member_mail*"))
        for path in sorted(addon.rglob(f"*{suffix}"))
        if not {"tests", "migrations", "lib", "i18n"} & set(path.relative_to(ROOT).parts)
    ]


@cache
def texts():
    """All texts of the addons: list of Text."""
    return [*python_texts(), *xml_texts(), *js_texts()]


# -- Python ------------------------------------------------------------------------------------


@cache
def trees():
    return {path: ast.parse(path.read_text()) for path in files(".py")}


def python_texts():
    constants = {
        target.id: node.value
        for tree in trees().values()
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for path, tree in trees().items():
        shown = str(path.relative_to(ROOT))
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                yield from _class_texts(node, shown, constants)
            elif isinstance(node, ast.Call) and _called(node) in {"_", "_lt"} and node.args:
                yield from _text(node.args[0], shown, "sentence")


def _class_texts(node, path, constants):
    assigned = {
        target.id: statement.value
        for statement in node.body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
    model = _constant(assigned.get("_name")) or _constant(assigned.get("_inherit")) or ""
    yield from _text(assigned.get("_description"), path, "label", model)
    for name, value in assigned.items():
        if not isinstance(value, ast.Call):
            continue
        if _called(value) in {"Constraint", "UniqueIndex"} and value.args[1:]:
            yield from _text(value.args[1], path, "sentence", model)
        if not _is_field(value):
            continue
        given = {keyword.arg: keyword.value for keyword in value.keywords}
        yield from _text(given.get("help"), path, "sentence", model)
        label = _label_of(value, given)
        if _constant(label) is not None:
            yield from _text(label, path, "label", model, name)
        elif "related" not in given and _is_ours(model, name, given):
            yield Text(derived(name), path, value.lineno, "label", model, name)
        if _called(value) == "Selection":
            choices = given.get("selection") or (value.args[0] if value.args else None)
            if isinstance(choices, ast.Name):
                choices = constants.get(choices.id)
            for choice in getattr(choices, "elts", ()):
                yield from _text(choice.elts[1], path, "label", model)


def derived(name):
    """The label that Odoo gives a field without one (odoo/orm/fields.py)."""
    return re.sub("_ids?$", "", name).replace("_", " ").title()


def _is_field(call):
    function = call.func
    return (
        isinstance(function, ast.Name)
        and function.id == "BigInteger"
        or (
            isinstance(function, ast.Attribute)
            and isinstance(function.value, ast.Name)
            and function.value.id == "fields"
        )
    )


def _is_ours(model, name, given):
    """Whether a field is defined here, and not one of another addon's that is changed."""
    if CHANGED.match(name) or _constant(given.get("compute"), "") is None:
        return False
    return model.startswith("member.mail.") or "member_mail" in name


def _label_of(call, given):
    place = PLACES.get(_called(call), 0)
    return given.get("string") or (call.args[place] if call.args[place:] else None)


def _called(call):
    return getattr(call.func, "attr", getattr(call.func, "id", None))


def _constant(node, default=None):
    return node.value if isinstance(node, ast.Constant) else default


def _text(node, *where):
    if isinstance(_constant(node), str):
        path, *rest = where
        yield Text(node.value, path, node.lineno, *rest)


def labels_of_fields():
    """The labels of our models' fields: dict of field to dict of model to Text."""
    found = defaultdict(dict)
    for text in texts():
        if text.field and text.model.startswith("member.mail."):
            found[text.field][text.model] = text
    return found


def selection(field):
    """The choices of a selection field, wherever it is defined: list of dicts of key to label."""
    return [
        dict(ast.literal_eval(node.value.args[0]))
        for tree in trees().values()
        for model in tree.body
        for node in getattr(model, "body", ())
        if isinstance(node, ast.Assign)
        and getattr(node.targets[0], "id", None) == field
        and isinstance(node.value, ast.Call)
        and str(_called(node.value)).startswith("Selection")
    ]


# -- XML and JavaScript ----------------------------------------------------------------------------


@cache
def elements():
    """The elements of all views, data and templates: list of (path, element)."""
    return [
        (str(path.relative_to(ROOT)), element)
        for path in files(".xml")
        for element in etree.parse(path).iter(etree.Element)
    ]


def xml_texts():
    for path, element in elements():
        where = (path, element.sourceline)
        for name, value in element.attrib.items():
            name = name.removeprefix("t-attf-")
            if name in ATTRIBUTES or name.endswith(".translate"):
                yield Text(value, *where, "sentence" if name == "help" else "label")
        if element.tag == "menuitem" and "name" in element.attrib:
            yield Text(element.get("name"), *where, "label")
        if element.tag == "field" and element.getparent().tag == "record":
            if element.get("name") not in TEXTS or _is_unnamed(element):
                continue
        elif element.tag in {"field", "record", "odoo", "attribute", "xpath", "function"}:
            continue
        if element.tag in INLINE and element.getparent().tag not in {"odoo", "templates"}:
            continue  # it is a part of what surrounds it
        text = " ".join(_running(element).split())
        if text:
            is_label = element.tag != "p" and len(text.split()) <= 6
            yield Text(text, *where, "label" if is_label else "sentence")


def _is_unnamed(element):
    return element.get("name") == "name" and element.getparent().get("model") in UNNAMED


def _running(element):
    """The text of an element with that of the elements that stand in the line."""
    parts = [element.text or ""]
    for child in element:
        if isinstance(child.tag, str) and child.tag in INLINE:
            parts.append(_running(child))
        parts.append(child.tail or "")
    return " ".join(parts)


def js_texts():
    for path in files(".js"):
        source = path.read_text()
        for match in CALL.finditer(source):
            text = next(group for group in match.groups() if group is not None)
            line = source.count("\n", 0, match.start()) + 1
            kind = "label" if len(text.split()) <= 6 else "sentence"
            yield Text(text, str(path.relative_to(ROOT)), line, kind)


def shown_for(field):
    """What views, templates and scripts show for one value of a field: triples of the place, the value
    and the texts."""
    compared = re.compile(rf"""\b{field}['"]?,?\s*(?:[!=]==?|'='|"=")\s*,?\s*['"](\w+)['"]""")
    for path, element in elements():
        values = {value for text in element.attrib.values() for value in compared.findall(text)}
        if len(values) == 1 and element.tag not in {"field", "t"}:
            shown = [child.get(name, "") for child in element.iter() for name in ATTRIBUTES]
            shown.append(" ".join(element.itertext()))
            yield f"{path}:{element.sourceline}", *values, " ".join(" ".join(shown).split())
    for path in files(".js"):
        source = path.read_text()
        for match in compared.finditer(source):
            call = CALL.search(source, match.end(), match.end() + 200)
            if call:
                line = source.count("\n", 0, match.start()) + 1
                yield f"{path.relative_to(ROOT)}:{line}", match[1], call[0]
