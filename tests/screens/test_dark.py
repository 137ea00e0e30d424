"""Our screens in dark mode, as Odoo Enterprise and OCA's web_dark_mode have it: the same style sheets,
with other colors. Odoo's community edition by itself has none."""

import pytest

from .test_accessible import look_for
from .test_live import browse, server  # noqa: F401
from .walk import Walk, everywhere, shown, through_the_set_up, unregistered  # noqa: F401

SIZE = "1366x768"

#: Like theirs: greys from dark to light, black and white the other way round, brighter colors.
COLORS = """
$o-webclient-color-scheme: dark;
$o-white: #000;
$o-black: #fff;
$o-gray-100: #14171c;
$o-gray-200: #1e222a;
$o-gray-300: #2b313c;
$o-gray-400: #414958;
$o-gray-500: #596375;
$o-gray-600: #838d9f;
$o-gray-700: #aab2c0;
$o-gray-800: #ccd2db;
$o-gray-900: #e9ecf0;
$o-community-color: $o-gray-200;
$o-brand-odoo: #a99ad6;
$o-brand-primary: #a99ad6;
$o-brand-secondary: $o-gray-900;
$o-action: #35c8cf;
$o-main-link-color: $o-action;
$o-view-background-color: $o-gray-200;
$o-webclient-background-color: $o-gray-100;
$o-shadow-color: $o-gray-100;
$o-form-lightsecondary: $o-gray-500;
$o-list-group-active-bg: $o-gray-300;
$o-success: #2fbf71;
$o-info: #4db5ff;
$o-warning: #ffb454;
$o-danger: #ff6b6b;
"""


@pytest.fixture
def dark(env):
    """Odoo in dark colors."""
    url = "/_custom/member_mail_dark.scss"
    env["ir.attachment"].create(
        {"name": "dark.scss", "type": "binary", "url": url, "mimetype": "text/scss", "public": True,
         "raw": COLORS.encode()}
    )  # fmt: skip
    env["ir.asset"].create(
        {
            "name": "Dark",
            "bundle": "web._assets_primary_variables",
            "directive": "prepend",
            "path": url,
        }
    )
    env.cr.commit()


@pytest.fixture
def found():
    """What is wrong; it is told in the end."""
    found = {}
    yield found
    assert not found, "\n\n".join(found.values())


def walk(page, found):
    page.browser.set_cookie("color_scheme", "dark", "/", "127.0.0.1")
    return Walk(page, "dark", look_for("color-contrast"), found)


def test_everything_is_readable(shown, dark, server, scratch_db, found):  # noqa: F811
    with browse(server, scratch_db, "admin", SIZE) as page:
        everywhere(walk(page, found), *shown)
        assert page.evaluate("getComputedStyle(document.body).colorScheme") == "dark"


def test_the_set_up_is_readable(account, unregistered, dark, server, scratch_db, found):  # noqa: F811
    with browse(server, scratch_db, "admin", SIZE) as page:
        through_the_set_up(walk(page, found), *unregistered)
