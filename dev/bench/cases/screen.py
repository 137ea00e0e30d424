"""The Messages tab in Chromium: from the click to the first row, and from a click on a row to its text.

The contact is the one with most messages, the user an ordinary salesperson; the same database as that of
the searches. The page is loaded anew each time, from the browser's cache.
"""

import gzip
import re
import statistics

from dev.bench.cases.search import LARGE_DATABASE, prepare
from dev.bench.correspondence import LOGIN, busy_contact, fill, reader
from dev.bench.setting import LOG, PASSWORD
from dev.project import OdooServer, free_port
from dev.screenshots.browser import Browser

REPEAT = 9

#: Milliseconds from a click to when what a condition waits for is painted.
TIMED = """([selector, condition]) => new Promise((resolve) => {
    const isThere = new Function("return " + condition);
    const start = performance.now();
    const look = () => isThere()
        ? requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - start)))
        : setTimeout(look, 4);
    document.querySelector(selector).click();
    look();
})"""
ROW = "document.querySelector('.o_member_mail_row')?.offsetHeight"
TEXT = "document.querySelector('.o_member_mail_measure')?.contentDocument?.body?.innerText.trim()"


def run(setting):
    found = setting.inside_odoo(__name__, prepare(setting), LARGE_DATABASE)
    times = {"row": [], "text": []}
    server = OdooServer(LARGE_DATABASE, free_port(8200), LOG, "--max-cron-threads=0")
    with server as odoo, Browser(odoo.url, {}) as browser:
        browser.log_in(LARGE_DATABASE, LOGIN, PASSWORD)
        for number in range(REPEAT + 1):
            with browser.page(1366, 768) as page:
                page.open(f"/odoo/contacts/{found['contact']}")
                page.wait_for("a[name=member_mail_messages]")
                page.settle()
                driver = page.driver
                row = driver.evaluate(TIMED, ["a[name=member_mail_messages]", ROW])
                page.settle()
                text = driver.evaluate(TIMED, [".o_member_mail_row", TEXT])
                if number:  # the first one makes Odoo build its assets, and fills caches
                    times["row"].append(row)
                    times["text"].append(text)
    figures = {f"{name}_seconds": statistics.median(ms) / 1000 for name, ms in times.items()}
    return figures | {"bundle_kb": found["bundle_kb"]}


def main(env, request):
    """Inside Odoo: the contact's id, and how many kB the addon adds to what each page loads."""
    fill(env, request["rows"], request["stamp"])
    reader(env).password = PASSWORD
    env.cr.commit()
    return {"contact": busy_contact(env).id, "bundle_kb": bundle(env) / 1000}


def bundle(env):
    """The bytes that the addon adds to the web client's bundle: minified, compressed."""
    assets = env["ir.qweb"]._get_asset_bundle("web.assets_web")
    ours = "/crm_member_mail/"
    parts = [one.minify() for one in assets.javascripts if one.url.startswith(ours)]
    for one in [*assets.templates, *assets.stylesheets]:
        if one.url.startswith(ours):
            text = re.sub(r"<!--.*?-->|/\*.*?\*/|^\s*//.*?$", "", one.content, flags=re.S | re.M)
            parts.append(re.sub(r"\s+", " ", text))
    return len(gzip.compress("\n".join(parts).encode()))
