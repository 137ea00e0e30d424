"""docs/operations.md: each of its commands, in the order of the page, on a database with an account."""

import json
import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from dev.project import DEV, ROOT, OdooServer, odoo_call

from .. import own

LOG = DEV / "logs" / "test-operations.log"
PAGE = (ROOT / "docs/operations.md").read_text()
COMMANDS = re.findall(r"^## (.*?)$|^```bash\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def steps():
    """Pairs of a heading and the commands below it, all in one."""
    found = {}
    for heading, block in COMMANDS:
        if heading:
            title = heading
        else:
            found.setdefault(title, []).append(block)
    return found


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """What stands in the page for names and folders: dict to what is here; the database is there."""
    folder = tmp_path_factory.mktemp("operations")
    (folder / "bin").mkdir()
    (folder / "backup").mkdir()
    (folder / "vault").mkdir()
    odoo = folder / "bin/odoo"
    odoo.write_text(f'#!/bin/sh\nexec {shlex.quote(str(ROOT / "dev/odoo"))} "$@"\n')
    odoo.chmod(0o755)
    names = own.database_name("operations"), own.database_name("staging")
    own.drop(*names)
    subprocess.run([own.CLUSTER, "copy", own.base(), names[0]], check=True)
    yield {
        "PATH": f"{folder / 'bin'}:{_postgresql()}:{os.environ['PATH']}",
        "/etc/odoo/odoo.conf": os.environ["ODOO_RC"],
        "/opt/contact-messages": str(ROOT),
        "/var/lib/odoo": str(DEV / "data"),
        "/srv/backup": str(folder / "backup"),
        "/srv/vault": str(folder / "vault"),
        "mydb": names[0],
        "staging": names[1],
    }
    own.drop(*names)


def _postgresql():
    """The folder of PostgreSQL's commands."""
    return max(Path("/usr/lib/postgresql").glob("*/bin/initdb")).parent


def run(place, heading, **more):
    """Run the commands below a heading, as they stand; returns what they print."""
    told = []
    for block in steps()[heading]:
        for name, here in (place | more).items():
            block = block.replace(name, here)
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", block],
            env=os.environ | {"PATH": place["PATH"]}, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr[-3000:]}"
        told.append(done.stdout)
    return "".join(told)


def inside(place, name):
    """Call a function of this module in the database, in a process of its own."""
    request = {"step": name}
    return odoo_call(place["mydb"], "tests.project.operated", request, LOG)


def install(place):
    """The ways to do that are tried by test_install."""
    command = "odoo", "-c", os.environ["ODOO_RC"], "-d", place["mydb"], "-i", "crm_member_mail"
    done = subprocess.run([*command, "--stop-after-init"], env=os.environ | {"PATH": place["PATH"]})
    assert done.returncode == 0


def monitor(place):
    """The first command sets the token, the others ask a running Odoo."""
    port = own.port()
    calm = ["--max-cron-threads=0", "--workers=0", f"--gevent-port={own.port(beside=port)}"]
    with OdooServer(place["mydb"], port, LOG, *calm) as server:
        said = run(place, "Monitor", **{"http://localhost:8069": server.url})
    health, _end = json.JSONDecoder().raw_decode(said, said.index('{"'))
    assert health["ok"] is True
    assert "crm_member_mail_ok 1" in said


def test_the_whole_life_of_a_database(place):
    install(place)
    assert inside(place, "fill") == {"accounts": 1}
    run(place, "Upgrade")
    run(place, "Back up")
    assert (Path(place["/srv/vault"]) / "crm_member_mail.key").stat().st_size
    assert inside(place, "spoil") == {"accounts": 0}
    said = run(place, "Restore")
    assert said.count("This is the original") == 2 and "wait to be sent: 0" in said
    found = inside(place, "look")
    refusal = found.pop("refusal").partition(":")[0]
    assert found == {"accounts": 1, "password": "secret", "file": "kept"}
    assert refusal and refusal in " ".join(PAGE.partition("## Uninstall")[2].split())
    assert "This is the original" in run(place, "Move to another server")
    assert "This is a copy" in run(place, "Copy, for tests")
    monitor(place)
    assert "member_mail_message" in run(place, "Size")
    assert "Secrets re-encrypted" in run(place, "Change the key")
    run(place, "Uninstall")
    assert inside(place, "gone") == {"models": 0}
    assert set(steps()) == {
        "Upgrade", "Back up", "Restore", "Move to another server", "Copy, for tests",
        "Monitor", "Size", "Change the key", "Uninstall",
    }  # fmt: skip
