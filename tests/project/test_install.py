"""What the README says about Python packages, as far as it can be run without a registry."""

import re
import subprocess
from pathlib import Path

import pytest

from dev.project import DEV, ROOT

from ..patience import at_most

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
