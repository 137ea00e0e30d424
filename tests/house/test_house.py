"""The rules of the house hold, and violations are found."""

import ast
import textwrap

import pytest

from dev import house
from dev.bench.inside import PHASES

ACCOUNT = """
    class Account(models.Model):
        _name = "member.mail.account"
        _inherit = ["mail.thread"]
        _order = "name"

        def write(self, vals):
            return super().write(vals)
"""

SLICE = """
    class Account(models.Model):
        _inherit = "member.mail.account"
"""


def test_the_house():
    assert house.faults() == []


@pytest.fixture
def addon(tmp_path):
    """A function that builds an addon from files and returns the violations in it."""

    def build(listed=True, **files):
        paths = [name.split("__") for name in files] if listed else []
        gathered = "\n".join(f"from .{'.'.join(path[:-1])} import {path[-1]}" for path in paths)
        for name, text in {"": gathered, "models": "", **files}.items():
            path = tmp_path.joinpath(*name.split("__")) if name else tmp_path
            is_package = not name or any(
                other.startswith(f"{name}__") for other in files if other != name
            )
            path = path / "__init__.py" if is_package else path.with_suffix(".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text))
        return house.faults(tmp_path)

    return build


def test_floors(addon):
    assert addon(
        mailbox__reader="from .imap import fetch\nfrom .errors import MailboxError",
        mailbox__errors="",
        mailbox__imap__fetch="from ..mime.message import parse",
        mailbox__mime__message="",
        models__scan__folder_desk="from ...mailbox.reader import SLICE\nfrom ..account import access",
        models__account__access="",
        wizards__trace="from ..models.scan import folder_desk",
    ) == []  # fmt: skip


@pytest.mark.parametrize(
    ("files", "fault"),
    [
        ({"mailbox__errors": "", "models__a": "", "mailbox__x": "from ..models import a"},
         "mailbox.x imports models.a, but models is not below mailbox"),
        ({"mailbox__mime__a": "def f():\n    from ..imap import b", "mailbox__imap__b": ""},
         "mailbox.mime.a imports mailbox.imap.b, but imap is not below mime"),
        ({"mailbox__imap__a": "from ..smtp import b", "mailbox__smtp__b": ""},
         "mailbox.imap.a imports mailbox.smtp.b, but smtp is not below imap"),
        ({"models__account__a": "from odoo.addons.crm_member_mail.models.screens import b",
          "models__screens__b": ""},
         "models.account.a imports models.screens.b, but screens is not below account"),
        ({"models__message__a": "from ..cellar import b", "models__cellar__b": ""},
         "models.message.a imports models.cellar.b, but cellar has no floor yet: "
         "add it to dev/house.py"),
        ({"mailbox__net__a": "from . import b", "mailbox__net__b": "from .a import x"},
         "a circle of imports: mailbox.net.a > mailbox.net.b > mailbox.net.a"),
        ({"mailbox__types": "from odoo import fields"},
         "mailbox.types imports odoo, but the engine must not know Odoo"),
        ({"models__account__a": "import odoo.addons.crm_member_mail.models.screens.b",
          "models__screens__b": ""},
         "models.account.a imports models.screens.b, but screens is not below account"),
        ({"models__scan__a": "import dev.lib"},
         "models.scan.a imports dev.lib, which isn't part of the addon"),
    ],
)  # fmt: skip
def test_misplaced_imports(addon, files, fault):
    assert fault in addon(**files)


def test_models(addon):
    assert addon(
        models__account__member_mail_account=ACCOUNT,
        models__account__owner=SLICE + "        def _owner_has_left(self):\n            return False",
    ) == []  # fmt: skip


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("def write(self, vals):\n            return True",
         "member.mail.account defines write more than once: in models.account.member_mail_account, "
         "models.account.owner"),
        ("def unlink(self):\n            return True",
         "member.mail.account defines unlink in models.account.owner, but it belongs in "
         "member_mail_account.py"),
        ("def _cron_x(self):\n            return True",
         "member.mail.account defines _cron_x in models.account.owner, but it belongs in "
         "member_mail_account.py"),
        ("if True:\n            def write(self, vals):\n                return True",
         "member.mail.account defines write more than once: in "
         "models.account.member_mail_account, models.account.owner"),
        ("_order: str = 'id'",
         "member.mail.account defines _order more than once: in "
         "models.account.member_mail_account, models.account.owner"),
        ("_x, _order = 1, 'id'",
         "member.mail.account defines _order more than once: in "
         "models.account.member_mail_account, models.account.owner"),
        ("_inherit = ['member.mail.account', 'mail.activity.mixin']",
         "models.account.owner adds parents to member.mail.account, which belong in "
         "member_mail_account.py"),
    ],
)  # fmt: skip
def test_second_definitions(addon, body, fault):
    found = addon(
        models__account__member_mail_account=ACCOUNT,
        models__account__owner=SLICE + f"        {body}",
    )
    assert fault in found


def test_a_slice_that_nobody_imports(addon):
    assert addon(listed=False, models__account__owner=SLICE, cli__member_mail_rotate="") == [
        "models.account.owner is imported by nobody: list it in the __init__.py beside it"
    ]


def test_a_model_in_a_file_of_another_name(addon):
    assert addon(models__account__mailbox=ACCOUNT) == [
        "member.mail.account is created in models.account.mailbox, but its file must be named after it"
    ]


def test_what_the_benchmark_times_exists():
    """It names functions of the addon by text, which nothing else would notice when one moves."""
    found = house.modules(house.ADDON)
    for place, name in (pair for places in PHASES.values() for pair in places):
        module, _, owner = place.rpartition(".") if place not in found else (place, "", "")
        tree = found[module]
        body = tree.body
        if owner:
            [body] = [n.body for n in body if isinstance(n, ast.ClassDef) and n.name == owner]
        defined = {n.name for n in body if isinstance(n, ast.FunctionDef)}
        imported = {
            alias.asname or alias.name
            for n in body if isinstance(n, ast.ImportFrom) for alias in n.names
        }  # fmt: skip
        assert name in defined | imported, (place, name)
