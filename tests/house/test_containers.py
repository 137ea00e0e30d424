"""`docker compose up` finds what it names, keeps what must be kept, and opens nothing to the world."""

import re
import shlex
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((ROOT / "compose.yaml").read_text())


@pytest.fixture(scope="module")
def odoo(compose):
    return compose["services"]["odoo"]


def mounts(service):
    """Where a service has what: dict of the path in the container to the source."""
    parts = [volume.split(":") for volume in service.get("volumes", ())]
    return {target: source for source, target, *_options in parts}


def instructions():
    """What the Dockerfile says: list of instruction and arguments."""
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [tuple(line.split(None, 1)) for line in lines]


def test_what_must_be_kept_is_in_volumes(compose, odoo):
    kept = {**mounts(odoo), **mounts(compose["services"]["db"])}
    for place in ("/var/lib/odoo", "/var/lib/postgresql/data"):
        assert kept[place] in compose["volumes"]


def test_the_addons_are_where_the_image_looks_for_them(odoo):
    folders = {target: source for target, source in mounts(odoo).items() if source.startswith(".")}
    for target, source in folders.items():
        assert target == f"/mnt/extra-addons/{Path(source).name}"
        assert (ROOT / source / "__manifest__.py").is_file()
    assert "./crm_member_mail" in folders.values()


def test_odoo_is_installed_served_and_listening(odoo):
    words = shlex.split(odoo["command"])
    assert words[0] == "odoo"
    assert words[words.index("-i") + 1] == "crm_member_mail"
    assert "--load=base,rpc,web,crm_member_mail" in words


def test_nothing_is_open_to_the_world(compose, odoo):
    assert all(str(port).startswith("127.0.0.1:") for port in odoo["ports"])
    assert "ports" not in compose["services"]["db"]
    assert "--no-database-list" in odoo["command"]
    # The same on both sides, and it can be another one.
    password = odoo["environment"]["PASSWORD"]
    assert password == compose["services"]["db"]["environment"]["POSTGRES_PASSWORD"]
    assert re.fullmatch(r"\$\{\w+:-\w+\}", password)


def test_each_service_says_whether_it_works(compose, odoo):
    assert all("healthcheck" in service for service in compose["services"].values())
    assert odoo["depends_on"]["db"]["condition"] == "service_healthy"


def test_the_image_is_odoos_with_our_requirements():
    steps = instructions()
    assert steps[0] == ("FROM", "odoo:19")
    # Odoo does not run as root.
    assert [args for name, args in steps if name == "USER"] == ["root", "odoo"]
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    for name, args in steps:
        if name == "COPY":
            source = args.split()[0]
            assert (ROOT / source).is_file()
            assert f"!{source}" in ignored
    assert any(
        "pip3 install --break-system-packages" in args for name, args in steps if name == "RUN"
    )


def test_the_readme_names_it(odoo):
    assert "docker compose up" in README
    assert "http://localhost:8069" in README
    assert odoo["ports"] == ["127.0.0.1:${ODOO_PORT:-8069}:8069"]
