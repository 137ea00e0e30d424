"""Takes all screenshots of docs/ and of the addon's page among Odoo's Apps.

    make screenshots                              all of them, in about three minutes
    make screenshots ARGS="dashboard composer"    only those whose names begin like this

They show the demo (dev/demo) with a database and a mailbox of their own, and replace the old ones. If
one can't be taken, its old file stays, and the problem is printed at the end.
"""

import argparse
import contextlib
import inspect
import shutil
import sys
from imaplib import IMAP4
from pathlib import Path
from subprocess import CalledProcessError

from playwright.sync_api import Error as PlaywrightError

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from dev.demo.people import OUR_ADDRESS  # noqa: E402
from dev.demo.run import PASSWORD, demonstrate  # noqa: E402
from dev.project import DEV, Trouble, end_on_sigterm, odoo_call, step  # noqa: E402
from dev.screenshots.browser import Browser  # noqa: E402
from dev.screenshots.fonts import prepare  # noqa: E402
from dev.screenshots.shots import SHOTS  # noqa: E402
from dev.servers.faulty_smtp import Answer, FaultySmtp  # noqa: E402
from dev.servers.names import NameServer  # noqa: E402

DATABASE = "member_mail_screenshots"
FOLDER = DEV / "screenshots"


def take_all(shots, stack):
    """Take screenshots; returns the problems met.

    :param shots: list of Shot
    :param stack: an ExitStack that stops what was started
    """
    log = DEV / "logs" / f"{DATABASE}.log"
    options = argparse.Namespace(
        state=FOLDER, database=DATABASE, log=log, fresh=True, port=8169, check=True
    )
    odoo, problems = demonstrate(options, stack)
    try:
        fonts = prepare(DEV / "fonts")
    except (OSError, CalledProcessError) as error:
        problems.append(f"The font of the screenshots is not Roboto: {error}")
        fonts = {}
    with step("Setting the stage"):
        staged = _set_stage(log, stack)
    problems += staged["problems"]
    browser = stack.enter_context(Browser(odoo.url, fonts))
    browser.log_in(DATABASE, "admin", "admin")
    for shot in shots:
        name = str(shot.file.relative_to(ROOT))
        # The first page waits until Odoo has built its assets; a slow machine may be too slow once.
        if error := _try(name, browser, shot, staged["ids"]):
            error = _try(f"{name} again", browser, shot, staged["ids"])
        if error:
            problems.append(f"{name}: {error!r}")
    return problems


def _try(title, browser, shot, ids):
    """Take a screenshot; returns the error that prevented it, or None."""
    try:
        with step(title), browser.page(shot.width, shot.height) as page:
            _take(page, shot, ids)
    except (Trouble, PlaywrightError, OSError, KeyError) as error:
        return error
    return None


def _set_stage(log, stack):
    """Add what the demo lacks; returns what `stage.main` does."""
    names = stack.enter_context(
        NameServer({("harbourclub.example", "MX"): ["10 mx.harbourclub.example."]})
    )
    smtp = stack.enter_context(FaultySmtp({OUR_ADDRESS: PASSWORD}, FOLDER / "refusing"))
    smtp.strike("rcpt", Answer("552 5.2.2 mailbox is full"))
    authorities = FOLDER / "all_authorities.pem"
    parts = (FOLDER / "authorities.pem", FOLDER / "refusing/ca.pem")
    authorities.write_bytes(b"\n".join(part.read_bytes() for part in parts))
    request = {"nameserver": names.address, "refusing_port": smtp.tls_port}
    environment = {"SSL_CERT_FILE": str(authorities)}
    return odoo_call(DATABASE, "dev.screenshots.stage", request, log, environment)


def _take(page, shot, ids):
    shown = shot.show(page, ids)
    if inspect.isgenerator(shown):
        next(shown)
    if shot.dark:
        page.darken()
    new = FOLDER / shot.file.name
    page.photograph(new)
    shot.file.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(new, shot.file)
    if inspect.isgenerator(shown):
        next(shown, None)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", help="beginnings of the names of screenshots to take")
    names = tuple(parser.parse_args().names)
    shots = [shot for shot in SHOTS if shot.file.name.startswith(names or "")]
    if not shots:
        parser.error(f"no such screenshot; there are: {sorted(s.file.stem for s in SHOTS)}")
    end_on_sigterm()
    try:
        with contextlib.ExitStack() as stack:
            problems = take_all(shots, stack)
    except KeyboardInterrupt:
        return 130
    except (Trouble, OSError, RuntimeError, CalledProcessError, IMAP4.error) as trouble:
        problems = [str(trouble) or type(trouble).__name__]
    for problem in problems:
        print(f"  ✗ {problem}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
