"""By what the addon knows that other code than before tries emails again that were not filed."""

import pytest

from odoo.addons.crm_member_mail.tools.code_version import _digest, code_version


@pytest.fixture
def addon(tmp_path):
    for name in ("models", "tests"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "thing.py").write_text("x = 1\n")
    return tmp_path


def test_begins_with_the_number_of_the_version(env):
    number, _plus, digest = code_version().partition("+")
    assert number == env.ref("base.module_crm_member_mail").latest_version
    assert len(digest) == 8
    assert env["member.mail.failure"]._addon_version() == code_version()


def test_changes_with_the_code(addon):
    before = _digest(addon)
    (addon / "models/thing.py").write_text("x = 2\n")
    assert _digest(addon) != before


def test_changes_with_a_new_file(addon):
    before = _digest(addon)
    (addon / "models/other.py").write_text("")
    assert _digest(addon) != before


@pytest.mark.parametrize("name", ["tests/thing.py", "README.md"])
def test_stays_where_no_code_changes(addon, name):
    before = _digest(addon)
    (addon / name).write_text("x = 2\n")
    assert _digest(addon) == before
