"""The documentation and the addon's page among Odoo's Apps: what they refer to is there."""

import ast
import re
from pathlib import Path
from xml.etree import ElementTree

import lxml.html
import pytest
from PIL import Image

from dev.screenshots.shots import APPS, DOCS, SHOTS

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
ADDON = ROOT / "crm_member_mail"

#: A link or an image of Markdown, and an image of HTML.
TARGET = re.compile(r"\]\(([^)\s]+)\)|<img[^>]* src=\"([^\"]+)\"")


def prose(page):
    """The text of a page, without its blocks of code."""
    return re.sub(r"^```.*?^```", "", page.read_text(), flags=re.M | re.S)


def targets(page):
    """What a page refers to on this side of the web."""
    found = {markdown or html for markdown, html in TARGET.findall(prose(page))}
    return sorted(target for target in found if not re.match(r"[a-z]+:", target))


def anchors(page):
    """The anchors that GitHub and others give to the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.M)
    return {
        re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-") for heading in headings
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_of_a_page_lead_somewhere(page):
    for target in targets(page):
        path, _hash, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), f"{page.name} refers to {target}"
        if anchor:
            assert anchor in anchors(file), f"{page.name} refers to {target}"


def test_all_pages_of_docs_can_be_found():
    linked = {
        (page.parent / t.partition("#")[0]).resolve() for page in PAGES for t in targets(page)
    }
    assert set(PAGES[2:]) <= linked


def test_each_screenshot_is_taken_by_the_command_and_shown_somewhere():
    there = {*DOCS.glob("*.png"), *APPS.glob("*.png")} - {APPS / "icon.png"}
    assert there == {shot.file for shot in SHOTS}
    shown = {(page.parent / target).resolve() for page in PAGES for target in targets(page)}
    shown |= {APPS / image.get("src") for image in description().iter("img")}
    assert there <= shown


def test_admin_guide_names_the_servers_of_each_provider():
    guide = (ROOT / "docs/admin-guide.md").read_text()
    data = ElementTree.parse(ADDON / "data/member_mail_provider_data.xml")
    servers = {
        field.text
        for field in data.iter("field")
        if field.get("name") in ("imap_host", "smtp_host")
    }
    assert len(servers) > 20
    assert {server for server in servers if server not in guide} == set()


def test_limits_of_providers_are_those_of_the_page():
    """In the order of the table's columns; none where the page has none."""
    names = ("minute_limit", "day_limit", "own_domain_day_limit")
    data = ElementTree.parse(ADDON / "data/member_mail_provider_data.xml")
    known = {}
    for record in data.iter("record"):
        values = {field.get("name"): field.text or "" for field in record.iter("field")}
        assert "hour_limit" not in values, "the table has no column for it"
        if any(values.get(name) for name in names):
            known[values["name"]] = [values.get(name, "") for name in names]
    page = (ROOT / "docs/providers.md").read_text()
    table = page[page.index("| provider | a minute |") :].partition("\n\n")[0]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()[2:]]
    assert {name: numbers for name, *numbers, _source in rows} == known
    assert all(source for *_numbers, source in rows)


def description():
    return lxml.html.document_fromstring((APPS / "index.html").read_text())


def test_description_needs_nothing_but_its_own_images():
    page = description()
    assert not page.xpath("//script | //style | //link | //iframe | //object | //form | //@onclick")
    for element, attribute, link, _position in page.iterlinks():
        assert (element.tag, attribute) == ("img", "src"), f"{link} is no image of ours"
        assert re.fullmatch(r"\w+\.png", link), link
        assert (APPS / link).exists(), link
    assert all(image.get("alt") for image in page.iter("img"))


def test_manifest_lists_the_images_of_the_description():
    manifest = ast.literal_eval((ADDON / "__manifest__.py").read_text())
    shown = [f"static/description/{image.get('src')}" for image in description().iter("img")]
    assert manifest["images"] == shown


def test_icon_is_a_square_that_is_large_enough():
    width, height = Image.open(APPS / "icon.png").size
    assert width == height >= 128


def test_server_wide_modules_are_added_to_odoos_own():
    """Without `rpc` a server of several databases has no XML-RPC any more."""
    text = "\n".join(page.read_text() for page in PAGES)
    lists = re.findall(r"(?:server_wide_modules = |--load=)([\w,]+)", text)
    assert len(lists) >= 4
    for modules in lists:
        assert {"base", "rpc", "web"} < set(modules.split(","))
