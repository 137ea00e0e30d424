"""What axe-core finds on our screens that is in the way of those who see, hear or point less well."""

import json
from importlib import resources

import pytest

from .test_live import browse, server  # noqa: F401
from .walk import ODOOS, Walk, everywhere, shown, through_the_set_up, unregistered  # noqa: F401

AXE = (resources.files("axe_playwright_python") / "axe.min.js").read_text()

#: What is wrong in a part of a page but for what Odoo does, as a list of [rule, selector, HTML, what to
#: do]. Frames hold others' emails.
RUN = """
axe.run({include: %s, exclude: %s}, {
    resultTypes: ["violations"], iframes: false, ...%s,
}).then(({violations}) => violations.flatMap(({id, nodes}) =>
    nodes.filter(({target}) => !(%s[id] || []).some(
        (own) => own === "" || document.querySelector(target[0])?.closest(own)))
    .map((node) => [id, node.target.join(" "), node.html.slice(0, 200), node.failureSummary])))
"""

#: What Odoo's components do in ours as everywhere else: by rule, within what; "" is anywhere.
ODOOS_WAYS = {
    # Its navigation marks the chosen item of a menu like that of a list.
    "aria-allowed-attr": [".o-dropdown-item", ".o-dropdown", ".o-autocomplete--input", ".o_tag"],
    # The days of other months, in its calendar; a field of its own beside ours, in a user's preferences.
    "color-contrast": [
        ".o_datetime_picker",
        "[name=notification_type]",
        "label[for^=notification_type]",
    ],
    # A card that opens a record is an article with the role of a link.
    "aria-allowed-role": ["article.o_kanban_record"],
    # The tabs of a form have no list of tabs around them.
    "aria-required-parent": [".o_notebook_headers"],
    # Chromium keeps to itself what it doesn't know.
    "autocomplete-valid": [".o_select_menu_input", ".o-autocomplete--input"],
    "button-name": [".o_control_panel"],
    "empty-table-header": [".o_list_controller"],
    "label": [".o_list_record_selector"],
    "image-alt": [".o_m2o_avatar, .o-mail-Avatar, .o_avatar"],
    # The web client has no first heading, and a dialog is a page within a page.
    "html-has-lang": [""],
    "meta-viewport": [""],
    "page-has-heading-one": [""],
    "heading-order": [".modal-header"],
    "region": [""],
    "landmark-main-is-top-level": [""],
    "landmark-no-duplicate-banner": [""],
    "landmark-no-duplicate-main": [""],
    "landmark-unique": [""],
    "landmark-one-main": [""],
    "landmark-banner-is-top-level": [""],
    "landmark-contentinfo-is-top-level": [""],
    "landmark-no-duplicate-contentinfo": [""],
}
SIZES = ("1366x768", "390x844")


def look_for(*rules):
    """A function that says what axe finds in a part of a page, by rule and element.

    :param str rules: those that count; none: all of them
    """
    options = {"rules": {"target-size": {"enabled": True}}}
    if rules:
        options = {"runOnly": rules}

    def look(page, within):
        if not page.evaluate("'axe' in window"):
            page.evaluate(AXE)
        parts = ([within], ODOOS, options, ODOOS_WAYS)
        ours = RUN % tuple(map(json.dumps, parts))
        return {
            (rule, target): f"{rule}\n  {html}\n  {advice}"
            for rule, target, html, advice in page.evaluate(ours, awaitPromise=True)
        }

    return look


@pytest.mark.parametrize("size", SIZES)
def test_nothing_is_in_the_way(env, shown, server, scratch_db, size):  # noqa: F811
    found = {}
    with browse(server, scratch_db, "admin", size) as page:
        everywhere(Walk(page, size, look_for(), found), *shown)
    assert not found, "\n\n".join(found.values())


@pytest.mark.parametrize("size", SIZES)
def test_nothing_is_in_the_way_of_the_set_up(
    env,
    account,
    unregistered,  # noqa: F811
    server,  # noqa: F811
    scratch_db,
    size,
):
    found = {}
    with browse(server, scratch_db, "admin", size) as page:
        through_the_set_up(Walk(page, size, look_for(), found), *unregistered)
    assert not found, "\n\n".join(found.values())
