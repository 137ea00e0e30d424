"""The addons' tests run the way Odoo runs them, too, wherever the addon is; and the list of long files
names files."""

import ast
from pathlib import Path

import pytest

from ..durations import LONG

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = sorted(path.parent for path in ROOT.glob("crm_member_mail*/tests/__init__.py"))

#: What is missing when only the addon is installed.
OURS = {"pytest", "_pytest", "hypothesis", "tests", "dev", "conftest"}


def shown(path):
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("folder", FOLDERS, ids=shown)
def test_odoo_finds_every_test(folder):
    """Odoo runs the modules that `tests/__init__.py` imports and silently skips the others."""
    tree = ast.parse((folder / "__init__.py").read_text())
    imported = [
        (*(node.module or "").split("."), alias.name)
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.level == 1
        for alias in node.names
    ]
    there = [
        (*(path.parent.relative_to(folder).parts or ("",)), path.stem)
        for path in folder.rglob("test_*.py")
    ]
    assert sorted(imported) == sorted(there)


@pytest.mark.parametrize("folder", FOLDERS, ids=shown)
def test_the_addons_tests_need_nothing_else(folder):
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            modules = []
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                modules = [node.module]
            foreign = OURS.intersection(module.partition(".")[0] for module in modules)
            assert not foreign, f"{shown(path)} imports {foreign}"


def test_long_files_exist():
    assert [path for path in LONG if not (ROOT / path).is_file()] == []
