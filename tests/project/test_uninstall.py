"""After an uninstallation the database is as if the addon had never been there."""

import json
import os
import re
import subprocess
from pathlib import Path

from odoo.addons.crm_member_mail.tools.home_place import place_of

from dev.project import DEV, odoo_call

from .. import own
from ..conftest import PASSWORD
from ..mail import email, email_with
from .uninstalled import ADDRESS, RELAY

LOG = DEV / "logs" / "test-uninstall.log"

CONFIG = {"data_dir": str(DEV / "data")}

#: What a database consists of: a query for each kind.
KINDS = {
    "tables": "SELECT relname FROM pg_class WHERE relkind IN ('r', 'v', 'S')"
    " AND relnamespace = 'public'::regnamespace",
    "columns": "SELECT table_name || '.' || column_name FROM information_schema.columns"
    " WHERE table_schema = 'public'",
    "indexes": "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "constraints": "SELECT conrelid::regclass || '.' || conname FROM pg_constraint"
    " WHERE connamespace = 'public'::regnamespace AND contype <> 'n'",
    "triggers": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
    "functions": "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
    "parameters": "SELECT key FROM ir_config_parameter",
    "jobs": "SELECT cron_name FROM ir_cron",
    "waiting jobs": "SELECT count(*)::text FROM ir_cron_trigger AS t LEFT JOIN ir_cron AS c"
    " ON c.id = t.cron_id WHERE c.id IS NULL",
    "models": "SELECT model FROM ir_model",
    "ids": "SELECT name FROM ir_model_data WHERE module LIKE 'crm_member_mail%'",
    "filters": "SELECT name FROM ir_filters",
    "defaults": "SELECT json_value FROM ir_default",
    "templates": "SELECT name ->> 'en_US' FROM mail_template",
    "kinds of activities": "SELECT name ->> 'en_US' FROM mail_activity_type",
    "groups": "SELECT name ->> 'en_US' FROM res_groups",
    "files": "SELECT res_model || ' ' || name FROM ir_attachment"
    " WHERE res_model <> 'ir.ui.view' AND url IS NULL",
    "files on no record": "SELECT name FROM ir_attachment WHERE res_model IS NULL AND url IS NULL",
}


def things(database):
    """What the database consists of: dict of kind to a set."""
    cluster = Path(own.CLUSTER)

    def ask(query):
        found = subprocess.run(
            [cluster, "psql", "-d", database, "-Atc", f"SELECT json_agg(x) FROM ({query}) AS q(x)"],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        return set(json.loads(found.stdout.strip() or "null") or [])

    return {kind: ask(query) for kind, query in KINDS.items()}


def test_nothing_harmful_is_left(dovecot, smtp_server):
    dovecot.add_user(ADDRESS, PASSWORD)
    dovecot.wipe(ADDRESS)
    dovecot.append(ADDRESS, "INBOX", email("ada@member.example", ADDRESS))
    dovecot.append(ADDRESS, "INBOX", email_with(b"words", sender="ada@member.example", to=ADDRESS))
    server = {
        "imap_host": "localhost", "imap_port": dovecot.tls_port, "imap_encryption": "ssl",
        "imap_password": PASSWORD,
    }  # fmt: skip
    request = {"server": server, "smtp_port": smtp_server.tls_port}
    trusting = {"SSL_CERT_FILE": os.environ["SSL_CERT_FILE"]}

    with own.database("uninstalled") as database:

        def call(step):
            return odoo_call(
                database, "tests.project.uninstalled", request | {"step": step}, LOG, trusting
            )

        LOG.write_text("")
        request["mail"] = call("fill")
        home = place_of(CONFIG, database)
        assert home.token()
        call("uninstall")
        left = call("look")
        before, after = things(own.base()), things(database)
        log = LOG.read_text()

    assert not home.token()
    assert left["server"] == RELAY
    assert left["servers"] == ["Relay"]
    # Nobody sends what was to leave from the mailbox over another server.
    assert left["state"] in (False, "cancel")
    assert left["activities"] == ["Call"]
    for kind in KINDS:
        assert after[kind] - before[kind] == set(), kind
        assert before[kind] - after[kind] == set(), kind
    assert not re.search(r"could not be deleted \(\[[^]]", log)
