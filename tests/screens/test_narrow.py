"""In a narrow window, and at twice the size, nothing of ours is cut, covered or squeezed."""

import json
from pathlib import Path

import pytest

from .test_live import browse, server  # noqa: F401
from .walk import (  # noqa: F401
    ADDRESS,
    NEXT,
    ODOOS,
    Walk,
    everywhere,
    reading,
    shown,
    through_the_set_up,
    unregistered,
    writing,
)

LAYOUT = Path(__file__).with_name("layout.js").read_text()

#: What Odoo does in ours as everywhere else: by rule of `layout.js`, within what.
ODOOS_WAYS = {
    # Tables, which WCAG lets scroll as well, and the tabs of a form and of the settings.
    "scrolls sideways": [
        ".o_list_renderer",
        ".o_notebook_headers",
        ".settings_tab",
        ".o_actionswiper_overflow_container",
    ],  # fmt: skip
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
    with reading(env, "de_DE"):
        yield


def test_writing_in_german(env, shown, german, server, scratch_db):  # noqa: F811
    found = {}
    with browse(server, scratch_db, "admin", "320x640") as page:
        page.zoom(320, 640, 1)
        writing(Walk(page, "320 px in German", look, found), shown[0])
        assert page.evaluate("luxon.Settings.defaultLocale").startswith("de")
    assert not found, "\n\n".join(found.values())


def test_the_set_up(env, account, unregistered, walk):  # noqa: F811
    through_the_set_up(walk, *unregistered)


#: How many lines the parts of each element are on.
LINES = """
[...document.querySelectorAll(%s)].map((element) =>
    new Set([...element.children].map((part) => {
        const {top, bottom} = part.getBoundingClientRect();
        return Math.round((top + bottom) / 20);
    })).size)
"""
#: Pixels between the paragraphs of an element.
GAPS = """
[...document.querySelectorAll(%s)].slice(1).map((paragraph) =>
    paragraph.getBoundingClientRect().top
    - paragraph.previousElementSibling.getBoundingClientRect().bottom)
"""


def test_the_last_email_of_a_contact_is_on_one_line(shown, walk):  # noqa: F811
    walk.go("/odoo/contacts", ".o_kanban_record .o_member_mail_last_date")
    lines = walk.page.evaluate(LINES % json.dumps(".o_member_mail_last_date"))
    assert lines and set(lines) == {1}


def test_what_is_said_of_a_provider(account, walk):
    walk.go("/odoo/email-setup", f"{ADDRESS}:focus")
    walk.write(ADDRESS, "ada@proton.me")
    walk.click(f"{NEXT}:not(:disabled)")
    walk.page.wait_for(".o_setup_screen [name=provider_help] p + p", "Settings")
    gaps = walk.page.evaluate(GAPS % json.dumps("[name=provider_help] p"))
    assert gaps and min(gaps) >= 4, "one can see where a paragraph ends"
    servers = walk.page.evaluate("document.querySelector('.o_setup_servers').innerText")
    assert servers.count("127.0.0.1") == 1, "it is the same server"
    walk.click("[name=action_setup_discard]")
    walk.click(".modal .btn-primary")
    walk.page.wait_for(".o_member_mail_dashboard")
