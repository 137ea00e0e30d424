"""The rules of the house: which module may import which, and one definition of each method.

The linters and `tests/house/test_house.py` check them without running the code.

    dev/house.py        prints one line for each violation, and fails if there is any
"""

import ast
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ADDON = ROOT / "crm_member_mail"
PREFIX = "odoo.addons.crm_member_mail"

#: From the ground up. Names in one tuple are on the same floor and may not import each other.
FLOORS = (
    ("mailbox",),
    ("tools",),
    ("workers",),
    ("models",),
    ("wizards", "controllers", "cli"),
)
#: The same within a folder. A name is a room (a folder) or a file.
ROOMS = {
    "mailbox": (
        ("words",),
        ("cases",),
        ("errors", "types"),
        ("machine",),
        ("net", "html"),
        ("mime",),
        ("imap", "smtp", "discovery"),
        ("ahead", "desk"),
        ("reader",),
        ("visit", "watched", "sign_in_queue"),
        ("watcher",),
    ),
    "models": (
        ("account",),
        ("message",),
        ("conversation",),
        ("matching",),
        ("filing",),
        ("scan",),
        ("sending",),
        ("privacy",),
        ("screens",),
    ),
}
#: What every record goes through. It is in the file named after the model, where people look for it.
LIFE = {"create", "write", "unlink", "copy", "copy_data", "default_get"}


def modules(addon):
    """The addon's modules, tests left out: dict of dotted name within the addon to syntax tree."""
    found = {}
    for path in sorted(addon.rglob("*.py")):
        parts = path.relative_to(addon).with_suffix("").parts
        if "tests" in parts or "migrations" in parts or parts[-1] == "__manifest__":
            continue
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = ast.parse(path.read_text(), str(path))
    return found


def imports(found):
    """Who imports whom: dict of module to the set of modules of the addon that it names, and to the
    names from elsewhere under ``None``."""
    graph = {}
    for name, tree in found.items():
        is_package = any(other.startswith(f"{name}.") for other in found) or not name
        package = name if is_package else name.rpartition(".")[0]
        inner, outer = set(), set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    dotted = alias.name.removeprefix(f"{PREFIX}.")
                    (inner if dotted != alias.name else outer).add(dotted)
            elif isinstance(node, ast.ImportFrom):
                base = _base(node, package)
                if base is None:
                    outer.add(node.module)
                    continue
                for alias in node.names:
                    member = f"{base}.{alias.name}".strip(".")
                    inner.add(member if member in found else base)
        graph[name] = inner - {name}, outer
    return graph


def _base(node, package):
    """The module of the addon that a ``from … import`` names; None when it is not of the addon."""
    if not node.level:
        if _is_of(PREFIX, node.module):
            return node.module[len(PREFIX) :].strip(".")
        return None
    parts = package.split(".") if package else []
    parts = parts[: len(parts) - node.level + 1]
    return ".".join([*parts, *filter(None, [node.module])])


def misplaced(found):
    """Imports that go up, sideways or out of the house, and circles; one line each."""
    graph = imports(found)
    for name, (inner, outer) in graph.items():
        if name:  # the addon itself gathers what there is
            yield from filter(None, (_upward(name, other) for other in sorted(inner - {""})))
        top = name.partition(".")[0]
        if top == "mailbox" and any(_is_of("odoo", module) for module in outer):
            yield f"{name} imports odoo, but the engine must not know Odoo"
        for module in sorted(outer):
            if _is_of("dev", module) or _is_of("tests", module):
                yield f"{name} imports {module}, which isn't part of the addon"
    for circle in _circles({name: inner for name, (inner, _outer) in graph.items() if name}):
        yield "a circle of imports: " + " > ".join(circle)


def _is_of(package, module):
    return module == package or module.startswith(f"{package}.")


def _upward(name, other):
    """What is wrong with the floors when ``name`` imports ``other``: a line, or None."""
    ours, theirs = name.split("."), other.split(".")
    floors = FLOORS
    if ours[0] == theirs[0]:
        floors, ours, theirs = ROOMS.get(ours[0]), ours[1:], theirs[1:]
    if not floors or not ours or not theirs or ours[0] == theirs[0]:
        return None
    level = {room: number for number, rooms in enumerate(floors) for room in rooms}
    for room in (ours[0], theirs[0]):
        if room not in level:
            return f"{name} imports {other}, but {room} has no floor yet: add it to dev/house.py"
    if level[theirs[0]] < level[ours[0]]:
        return None
    return f"{name} imports {other}, but {theirs[0]} is not below {ours[0]}"


def _circles(graph):
    """One path for each circle of imports."""
    done, path = set(), []

    def walk(name):
        if name in path:
            yield [*path[path.index(name) :], name]
        elif name not in done:
            path.append(name)
            for other in sorted(graph.get(name, ())):
                # A package does nothing but gather its files.
                if other != name and not name.startswith(f"{other}."):
                    yield from walk(other)
            path.pop()
            done.add(name)

    for name in sorted(graph):
        yield from walk(name)


def definitions(found):
    """What the classes of models define: dict of model to dict of name to the modules that define it,
    and whether the class is the model's own."""
    result = defaultdict(lambda: defaultdict(list))
    owners = defaultdict(list)
    parents = {}
    for name, tree in found.items():
        for node in _statements(tree):
            if not isinstance(node, ast.ClassDef):
                continue
            model, is_new, inherited = _model_of(node)
            if not model:
                continue
            parents[name, model] = inherited
            if is_new:
                owners[model].append(name)
            for defined in _names_of(node):
                result[model][defined].append(name)
    return result, owners, parents


def _statements(node):
    """What stands in a module or a class, also below an ``if``, a ``try`` or a ``with`` in it."""
    for statement in node.body:
        yield statement
        for block in ("body", "orelse", "finalbody"):
            if not isinstance(statement, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                for inner in getattr(statement, block, ()):
                    yield from _statements(ast.Module([inner], []))


def _assigned(statement):
    """What an assignment in a class gives a value: pairs of name and value, None for a part of one."""
    if isinstance(statement, ast.AnnAssign):
        targets = [(statement.target, statement.value)]
    elif isinstance(statement, ast.Assign):
        targets = [(target, statement.value) for target in statement.targets]
    else:
        return
    for target, value in targets:
        for name in target.elts if isinstance(target, ast.Tuple | ast.List) else [target]:
            if isinstance(name, ast.Name):
                yield name.id, value if name is target else None


def _model_of(node):
    """The model of a class, whether it is made there, and what it inherits; (None, …) for others."""
    values = {}
    for statement in _statements(node):
        for name, value in _assigned(statement):
            if name in ("_name", "_inherit") and value is not None:
                values[name] = ast.literal_eval(value)
    inherited = values.get("_inherit", [])
    inherited = [inherited] if isinstance(inherited, str) else inherited
    model = values.get("_name") or (inherited[0] if inherited else None)
    return model, "_name" in values and model not in inherited, inherited


def _names_of(node):
    for statement in _statements(node):
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            yield statement.name
        for name, _value in _assigned(statement):
            if name not in ("_name", "_inherit"):
                yield name


def redefined(found):
    """What a model defines twice, or in a file where nobody looks for it; one line each."""
    defined, owners, parents = definitions(found)
    for model, names in defined.items():
        for name, places in names.items():
            if len(places) > 1:
                yield f"{model} defines {name} more than once: in {', '.join(places)}"
            file = model.replace(".", "_")
            if name in LIFE or name.startswith("_cron_"):
                yield from (
                    f"{model} defines {name} in {place}, but it belongs in {file}.py"
                    for place in places
                    if place.rpartition(".")[2] != file and _has(found, file)
                )
        for place in owners[model]:
            if place.rpartition(".")[2] != model.replace(".", "_"):
                yield f"{model} is created in {place}, but its file must be named after it"
    for (place, model), inherited in parents.items():
        if len(inherited) > 1 and place not in owners[model]:
            yield f"{place} adds parents to {model}, which belong in {model.replace('.', '_')}.py"


def unused(found):
    """Modules that nothing imports: what is in them has no effect; one line each."""
    used = {other for inner, _outer in imports(found).values() for other in inner}
    for name in found:
        is_package = not name or any(other.startswith(f"{name}.") for other in found)
        # Odoo finds commands by their folder.
        if name not in used and not is_package and not name.startswith("cli."):
            yield f"{name} is imported by nobody: list it in the __init__.py beside it"


def _has(found, file):
    return any(name.rpartition(".")[2] == file for name in found)


def faults(addon=ADDON):
    """All violations of the rules, one line each."""
    found = modules(addon)
    return [*misplaced(found), *redefined(found), *unused(found)]


if __name__ == "__main__":
    broken = faults()
    print(*broken, sep="\n", end="\n" if broken else "")
    sys.exit(bool(broken))
