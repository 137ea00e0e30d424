"""What all tests share: each test process works on a database of its own, and the long files first.

Without pytest-odoo (`make check`) nothing of this needs Odoo.
"""

import os
import threading

import pytest

from tests.durations import by_length
from tests.patience import at_most, slowdown

#: What every page of Odoo's backend loads, and every tour.
SCRIPTS = (
    "web.assets_web", "web.assets_tests", "web.__assets_tests_call__", "bus.websocket_worker_assets",
)  # fmt: skip
STYLES = ("web.assets_web", "web.assets_web_print")


@pytest.fixture(scope="session", autouse=True)
def load_registry(request):
    """In the place of pytest-odoo's fixture of this name: loads Odoo on a database of this process.

    pytest-odoo's gives each process of pytest-xdist a database, too, but one folder to all of them
    and to all further databases of a test.
    """
    if not request.config.pluginmanager.has_plugin("odoo"):
        yield
        return
    import odoo
    from odoo.modules.registry import Registry

    from tests import browser, own, slices

    if seed := os.environ.get("MEMBER_MAIL_SLICES"):
        slices.shuffle_when_loaded(int(seed))
    threading.current_thread().testing = True
    with (
        own.database("main") as name,
        pytest.MonkeyPatch.context() as patch,
        browser.one_for_all(patch),
    ):
        patch.setitem(odoo.tools.config.options, "db_name", [name])
        _notify_cheaply(patch)
        registry = Registry(name)
        if any(_is_in_browser(item) for item in request.session.items):
            _make_bundles(registry)
            _be_patient_with_browsers(patch)
        yield
        odoo.sql_db.close_db(name)


def _notify_cheaply(patch):
    """Let Odoo keep its connection to the database `postgres`, by which it tells its bus of news, and
    not wait for the disk there: it would connect anew, and wait, for each transaction with news."""
    from odoo import sql_db

    give_back, info = sql_db.ConnectionPool.give_back, sql_db.connection_info_for

    def keep(pool, connection, keep_in_pool=True):
        return give_back(pool, connection)

    def without_waiting(*args, **options):
        name, parameters = info(*args, **options)
        return name, parameters | {"options": "-c synchronous_commit=off"}

    patch.setattr(sql_db.ConnectionPool, "give_back", keep)
    patch.setattr(sql_db, "connection_info_for", without_waiting)


def _is_in_browser(item):
    from odoo.tests import HttpCase

    return issubclass(getattr(item, "cls", None) or object, HttpCase)


def _make_bundles(registry):
    """Make the files of JavaScript and CSS of Odoo's pages, for good.

    A test's page would make them, which takes five seconds, and they would be gone after the test.
    """
    from odoo import SUPERUSER_ID, api

    with registry.cursor() as cr:
        qweb = api.Environment(cr, SUPERUSER_ID, {})["ir.qweb"]
        for bundle in SCRIPTS:
            qweb._get_asset_bundle(bundle, css=False).js()
        for bundle in STYLES:
            qweb._get_asset_bundle(bundle, js=False).css()


def _be_patient_with_browsers(patch):
    """Let Odoo wait for its browser, and for what goes on there, as the machine is fast."""
    from odoo.tests import common

    # Where Chromium has not started after so many tenths of a second, Odoo skips the test.
    patch.setattr(common, "CHECK_BROWSER_ITERATIONS", 1000)
    # Odoo multiplies all its waits by it, and sets it to 1 itself.
    factor = property(lambda _browser: slowdown(), lambda _browser, _value: None)
    patch.setattr(common.ChromeBrowser, "throttling_factor", factor, raising=False)
    # For so long a request of a page waits for the one before: they share the test's transaction.
    seconds = common.BaseCase.test_cursor_lock_timeout
    waiting = property(lambda _case: at_most(seconds))
    patch.setattr(common.BaseCase, "test_cursor_lock_timeout", waiting)


def pytest_report_header():
    seed = os.environ.get("MEMBER_MAIL_SLICES")
    return f"order of slices: number {seed}" if seed else None


# -- several processes (pytest-xdist) --------------------------------------------------------------


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Whoever is done with a file takes the next one: what the tests of a file share is made once."""
    from xdist.scheduler import LoadFileScheduling

    config.option.loadscopereorder = False  # we know better than by the number of tests
    return LoadFileScheduling(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Long files first, so that all processes end at about the same time."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=by_length)
