"""What README and docs/operations.md say about installing, as far as that needs no registry."""

import re
import subprocess
from pathlib import Path

import pytest

from dev.project import DEV, ROOT

from .. import own
from ..patience import at_most
from .test_dist import INSTALLED, PROGRAM, troubles

OPERATIONS = (ROOT / "docs/operations.md").read_text()
README = (ROOT / "README.md").read_text()
CLONE = "/opt/contact-messages"
#: A Python of Debian or Ubuntu, which packages from elsewhere may break.
SYSTEM = Path("/usr/bin/python3")


def run(command, python):
    """Run a `pip install …` of the README with an interpreter's pip, which installs nothing.

    :return: exit code, and output
    """
    words = command.replace(CLONE, str(ROOT)).split()
    assert words[:2] == ["pip", "install"]
    done = subprocess.run(
        [python, "-m", "pip", "install", "--dry-run", "--no-index", *words[2:]],
        text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=at_most(60), check=False,
    )  # fmt: skip
    return done.returncode, done.stdout


def command(pattern):
    """The only command of the README that looks so."""
    (found,) = set(re.findall(pattern, README, re.M))
    return found


def test_what_the_addon_needs():
    code, said = run(
        command(rf"^pip install -r {CLONE}/requirements\.txt$"), DEV / "venv/bin/python"
    )
    assert code == 0, said
    assert "Would install" not in said


def test_a_python_that_the_system_manages():
    ask = "import sysconfig; print(sysconfig.get_path('stdlib'))"
    stdlib = subprocess.run([SYSTEM, "-c", ask], capture_output=True, text=True, check=False)
    if not Path(stdlib.stdout.strip(), "EXTERNALLY-MANAGED").is_file():
        pytest.skip("the system does not manage its Python")
    if subprocess.run(
        [SYSTEM, "-m", "pip", "--version"], capture_output=True, check=False
    ).returncode:
        pytest.skip("the system's Python has no pip")
    refused = "externally-managed-environment"
    code, said = run(command(rf"^pip install -r {CLONE}/requirements\.txt$"), SYSTEM)
    assert code and refused in said and refused in README
    _code, said = run(command(r"`sudo (pip install --break-system-packages [^`]+)`"), SYSTEM)
    # It goes on to look for the packages, in vain if they are not there and no registry may be asked.
    assert refused not in said
    assert "no such option" not in said


def block(beginning):
    """The lines of the code block of docs/operations.md whose first line begins so."""
    found = re.findall(r"^ *```\n(.*?)^ *```$", OPERATIONS, re.M | re.S)
    (lines,) = [text.split("\n") for text in found if text.lstrip().startswith(beginning)]
    return [line.strip() for line in lines if line.strip()]


def test_the_two_pages_agree():
    wanted = command(r"`(sudo pip install --break-system-packages [^`]+)`")
    assert wanted in block("git clone")


def test_a_clone_on_the_addons_path(tmp_path):
    """With the lines for `odoo.conf`, and the command that installs the addon."""
    config, log = tmp_path / "odoo.conf", tmp_path / "odoo.log"
    lines = [line.replace(CLONE, str(ROOT)) for line in block("addons_path")]
    config.write_text("\n".join(["[options]", *lines, f"data_dir = {DEV / 'data'}"]))
    words = block("sudo -u odoo odoo")[0].split()[4:]
    with own.database("install", own.base()) as database:
        words = [
            {"mydb": database, "/etc/odoo/odoo.conf": config}.get(word, word) for word in words
        ]
        with log.open("w") as output:
            subprocess.run(
                [DEV / "venv/bin/python", PROGRAM, *words, "--no-http"],
                check=True, stdout=output, stderr=output, timeout=at_most(180),
            )  # fmt: skip
        installed = own.psql(database, INSTALLED)
    assert installed.splitlines() == ["crm_member_mail", "crm_member_mail_privacy_lookup"]
    assert troubles(log.read_text()) == []
