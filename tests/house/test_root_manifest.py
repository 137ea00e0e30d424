"""The manifest at the top level says the same as the addon's, and where the repository belongs."""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SAME = (
    "name", "summary", "version", "category", "author", "license", "application", "depends",
)  # fmt: skip


def manifest(folder):
    return ast.literal_eval((folder / "__manifest__.py").read_text())


def test_it_says_what_the_addons_own_says():
    top, addon = manifest(ROOT), manifest(ROOT / "crm_member_mail")
    assert {key: top[key] for key in SAME} == {key: addon[key] for key in SAME}
    # A file of its own: a link would make the whole repository an addon that Odoo installs without code.
    assert not (ROOT / "__manifest__.py").is_symlink()


def test_it_refuses_with_one_sentence():
    top = manifest(ROOT)
    assert set(top) == {*SAME, "external_dependencies", "post_load"}
    assert top["external_dependencies"] == {"bin": [top["post_load"]]}
    assert "addons_path" in top["post_load"]
