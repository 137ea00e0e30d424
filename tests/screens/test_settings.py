"""Our part of Odoo's own forms, in windows of each size and in a language of longer words: nothing is
cut or squeezed, and axe finds nothing."""

import pytest

from . import test_narrow
from .test_accessible import look_for
from .test_live import browse, server  # noqa: F401
from .walk import Walk, reading, the_settings

#: Width, height and scale of a window.
SIZES = (*test_narrow.SIZES, (390, 844, 1), (1366, 768, 1))


@pytest.fixture(params=["en_US", "de_DE"])
def language(request, env):
    """The language of the administrator."""
    with reading(env, request.param):
        yield request.param


def test_the_settings(account, language, server, scratch_db):  # noqa: F811
    found = {}
    for width, height, scale in SIZES:
        with browse(server, scratch_db, "admin", f"{width}x{height}") as page:
            page.zoom(width, height, scale)
            for look in (test_narrow.look, look_for()):
                the_settings(Walk(page, f"{width} px, {language}", look, found))
    assert not found, "\n\n".join(found.values())
