"""Each addon can be built into a package by OCA's custom, and wants what it needs."""

import ast
import re
from pathlib import Path

import pytest
import tomllib

ROOT = Path(__file__).resolve().parents[2]
ADDONS = sorted(path.parent for path in ROOT.glob("crm_member_mail*/__manifest__.py"))


def settings(addon):
    return tomllib.loads((addon / "pyproject.toml").read_text())


@pytest.mark.parametrize("addon", ADDONS, ids=lambda path: path.name)
def test_an_addon_is_built_with_whool(addon):
    assert settings(addon)["build-system"] == {
        "requires": ["whool"], "build-backend": "whool.buildapi"
    }  # fmt: skip
    assert (addon / "readme/DESCRIPTION.md").is_file()


def test_a_wheel_wants_what_requirements_say():
    addon = ROOT / "crm_member_mail"
    whool = settings(addon)["tool"]["whool"]
    named = whool["external_dependencies_override"]["python"]
    manifest = ast.literal_eval((addon / "__manifest__.py").read_text())
    assert sorted(named) == sorted(manifest["external_dependencies"]["python"])
    assert all(re.match(rf"{name}[<>=]", wanted) for name, wanted in named.items())
    requirements = (ROOT / "requirements.txt").read_text().splitlines()
    assert sorted([*named.values(), *whool["additional_dependencies"]]) == sorted(
        line for line in requirements if line and not line.startswith("#")
    )
