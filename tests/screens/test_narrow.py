"""In a narrow window, and at twice the size, nothing of ours is cut, covered or squeezed."""

import json
from pathlib import Path

import pytest

from .test_live import browse, server  # noqa: F401
from .walk import (  # noqa: F401
    ODOOS,
    Walk,
    everywhere,
    shown,
    through_the_set_up,
    unregistered,
    writing,
)

LAYOUT = Path(__file__).with_name("layout.js").read_text()

#: What Odoo does in ours as everywhere else: by rule of `layout.js`, within what.
ODOOS_WAYS = {
    # Tables, which WCAG lets scroll as well, and the tabs of a form.
    "scrolls sideways": [".o_list_renderer", ".o_notebook_headers"],
}

#: Width, height and scale of a window: WCAG's narrowest one (1.4.10), and one of 1366 by 768 pixels at
#: 200 % (1.4.4).
SIZES = ((320, 640, 1), (683, 384, 2))


def look(page, within):
    """What `layout.js` finds in a part of a page, by rule and element."""
    arguments = ", ".join(map(json.dumps, (within, ODOOS, ODOOS_WAYS)))
    lines = page.evaluate(f"{LAYOUT}; unreadable({arguments})")
    return {(rule, where): f"{rule}: {what}\n  {where}" for rule, where, what in lines}


@pytest.fixture(params=SIZES, ids=lambda size: f"{size[0]} px")
def walk(request, server, scratch_db):  # noqa: F811
    """A Walk in a window of each size; what it finds fails the test."""
    width, height, scale = request.param
    found = {}
    with browse(server, scratch_db, "admin", f"{width}x{height}") as page:
        page.zoom(width, height, scale)
        yield Walk(page, f"{width} px", look, found)
    assert not found, "\n\n".join(found.values())


def test_every_screen(env, shown, walk):  # noqa: F811
    everywhere(walk, *shown)


@pytest.fixture
def german(env):
    """The administrator reads German, whose words are longer."""
    code = env["res.lang"]._activate_lang("de_DE").code
    env["ir.module.module"]._load_module_terms(["crm_member_mail"], [code])
    admin = env.ref("base.user_admin")
    before, admin.lang = admin.lang, code
    env.cr.commit()
    yield
    env.cr.rollback()
    admin.lang = before
    env.cr.commit()


def test_writing_in_german(env, shown, german, server, scratch_db):  # noqa: F811
    found = {}
    with browse(server, scratch_db, "admin", "320x640") as page:
        page.zoom(320, 640, 1)
        writing(Walk(page, "320 px in German", look, found), shown[0])
        assert page.evaluate("luxon.Settings.defaultLocale").startswith("de")
    assert not found, "\n\n".join(found.values())


def test_the_set_up(env, account, unregistered, walk):  # noqa: F811
    through_the_set_up(walk, *unregistered)
