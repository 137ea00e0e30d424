"""Secrets stay secret: an Odoo that logs all it can works with known passwords and tokens, then all that
it left behind is searched for them, in every form that they could have taken."""

import base64
import os
import subprocess
from pathlib import Path
from xmlrpc.client import Fault

import pytest

from dev.project import DEV, OdooServer
from dev.servers.oauth import CLIENT

from .. import own
from ..mail import email
from ..secrecy.echo import echoing_servers
from ..secrecy.forms import forms_of, found_in
from ..secrecy.rpc import Client, RpcError

LOG = DEV / "logs/test-secrets.log"

#: What nobody may find afterwards. Each is told to Odoo by `_live`.
SECRETS = {
    "ASCII": "Zebra-Quartz-7431-Lamp",
    "quotes and backslashes": 'Q"uo\\te\'d 8842 \\"x\\" lamp',
    "beyond ASCII": "Żółw-пароль-密码-5190",
    "markup": "<b>&amp;%41+{0}$$ 6623 lamp",
    "refused": "Wrong-but-Real-9017-Lamp",
    "repeated by the server": 'Echo"\\ed back 2284 lamp',
    "beyond ASCII, repeated": "Écho-пароль-密码-8813",
    "of a call that fails": "Fails-in-Tracebacks-5561",
}
WORKING = ("ASCII", "quotes and backslashes", "beyond ASCII", "markup")
REPEATED = ("repeated by the server", "beyond ASCII, repeated")

KEY, OTHER_KEY = (base64.urlsafe_b64encode(os.urandom(32)).decode() for _number in range(2))

#: What Python runs first in the server's process: mail libraries print all that they say and hear.
DEBUGGING = """
import imaplib, smtplib, sys
imaplib.Debug = 5
smtplib.SMTP.debuglevel = 2
print("Mail libraries print what they say", file=sys.stderr)
"""

ACCOUNT = "member.mail.account"
#: Of the account that signs in with Microsoft.
TOKEN_ADDRESS = "tokens@club.example"
PLACES = ("dump", "log", "answers", "files")


@pytest.fixture(scope="module")
def start_odoo(tmp_path_factory, dovecot):
    """A function that starts an Odoo which logs everything: of a database, with a key."""
    folder = tmp_path_factory.mktemp("debugging")
    (folder / "sitecustomize.py").write_text(DEBUGGING)
    LOG.unlink(missing_ok=True)

    def start(database, key):
        python_path = os.pathsep.join(filter(None, (str(folder), os.environ.get("PYTHONPATH"))))
        return OdooServer(
            database, own.port(), LOG,
            "--max-cron-threads=0", "--log-level=debug_rpc_answer", "--log-handler=:DEBUG", "--log-sql",
            environment={"CRM_MEMBER_MAIL_KEY": key, "PYTHONPATH": python_path},
        )  # fmt: skip

    return start


@pytest.fixture(scope="module")
def database():
    """The name of a database that an Odoo of its own works on."""
    with own.database("secrets") as name:
        yield name
        own.drop(f"{name}_restored")


@pytest.fixture(scope="module")
def left_behind(
    database, start_odoo, dovecot, smtp_server, oauth_service, oauth_dovecot, oauth_smtp
):
    """What is left when an Odoo has worked with the secrets: dict of the PLACES to bytes; and of
    ``tokens`` to a list of those that it was given."""
    with (
        start_odoo(database, KEY) as odoo,
        echoing_servers() as ports,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(smtp_server, "users", dict(smtp_server.users))
        smtp_server.messages.clear()
        client = Client(odoo.url, database)
        _live(client, database, dovecot, smtp_server, ports)
        oauth_service.reset()
        _sign_in(client, oauth_service, oauth_dovecot, oauth_smtp)
        _ask_for_them(client)
        tokens = list(oauth_service.given)
        oauth_service.reset()
    files = [*(DEV / "data/filestore" / database).rglob("*"), *(DEV / "data/sessions").rglob("*")]
    return {
        "dump": _pg("pg_dump", database),
        "log": LOG.read_bytes(),
        "answers": b"\n".join(client.answers),
        "files": b"\n".join(map(_content, files)),
        "tokens": tokens,
    }


def _content(path):
    """The bytes of a file, or none if another Odoo has removed it meanwhile."""
    try:
        return path.read_bytes()
    except (FileNotFoundError, IsADirectoryError):
        return b""


def _pg(program, *args, **options):
    """The output of one of PostgreSQL's programs, the newest on the machine."""
    path = max(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))
    done = subprocess.run([path, *args], check=True, stdout=subprocess.PIPE, **options)
    return done.stdout


# -- what is done with the secrets -----------------------------------------------------------------


def _live(client, database, dovecot, smtp_server, echo_ports):
    client.call("ir.config_parameter", "set_param", "crm_member_mail.allow_private_hosts", "True")
    contact = client.call("res.partner", "create", {"name": "Ada", "email": "ada@member.example"})
    for number, name in enumerate(WORKING):
        _work(client, f"leak{number}@club.example", SECRETS[name], contact, dovecot, smtp_server)
    for number, name in enumerate(REPEATED):
        address = f"echo{number}@club.example"
        _be_refused(client, database, address, SECRETS[name], contact, echo_ports)
    _fail(client)


def _values(address, secret, imap_port, smtp_port, encryption):
    return {
        "name": "Leaks", "email": address, "auth_method": "password",
        "imap_host": "localhost", "imap_port": imap_port, "imap_encryption": encryption,
        "smtp_host": "localhost", "smtp_port": smtp_port, "smtp_encryption": encryption,
        "imap_login": address, "smtp_login": address,
        "imap_password": secret, "smtp_password": secret,
    }  # fmt: skip


def _work(client, address, secret, contact, dovecot, smtp_server):
    """An account that reads and sends, is refused for a while, and works again."""
    dovecot.add_user(address, secret)
    smtp_server.users[address] = secret
    dovecot.append(address, "INBOX", email("ada@member.example", address, subject="Filed"))
    values = _values(address, secret, dovecot.tls_port, smtp_server.tls_port, "ssl")
    # As the set-up wizard, the form and the external API do it.
    account = client.call(ACCOUNT, "setup_begin", address)
    client.call(ACCOUNT, "web_save", [account], values | {"setup_screen": "signin"}, {"name": {}})
    assert client.call(ACCOUNT, "setup_test", [account]) == {"imap": None, "smtp": None}
    client.call(ACCOUNT, "action_setup_start", [account])
    client.call(ACCOUNT, "write", [account], {"imap_password": SECRETS["refused"]})
    client.call(ACCOUNT, "action_test_connection", [account])
    client.execute(ACCOUNT, "write", [account], {"imap_password": secret})
    client.call(ACCOUNT, "action_test_connection", [account])
    assert client.call(ACCOUNT, "setup_scan", [account])["filed"] == 1
    assert _send(client, account, address, contact) == "sent"
    assert address in [sender for sender, _to, _data in smtp_server.messages]
    client.run_job("ir_cron_fetch")


def _send(client, account, address, contact):
    """Write an email and send it; returns its state then."""
    opened = client.call("member.mail.draft", "open_draft", "res.partner", [contact])
    draft = {"account_id": account, "email_from": address, "subject": "Hello", "body": "<p>Hi</p>"}
    client.call("member.mail.draft", "web_save", [opened["res_id"]], draft, {"subject": {}})
    sent = client.call("member.mail.draft", "action_send", [opened["res_id"]])
    ids = sent["params"]["message_ids"]
    client.call("member.mail.message", "action_send_now", ids)
    client.run_job("ir_cron_send")
    [message] = client.call("member.mail.message", "read", ids, ["state"])
    return message["state"]


def _be_refused(client, database, address, secret, contact, ports):
    """An account whose servers refuse the password and repeat it, on all ways to them."""
    account = client.execute(ACCOUNT, "create", _values(address, secret, *ports, "none"))
    client.call(ACCOUNT, "action_test_connection", [account])
    verdict = client.call(ACCOUNT, "read", [account], ["imap_test", "smtp_test", "error_message"])
    assert "***" in verdict[0]["imap_test"] and "***" not in verdict[0]["smtp_test"]
    _pg(
        "psql", "-d", database, "-v", "ON_ERROR_STOP=1", "-c",
        "WITH folder AS (INSERT INTO member_mail_folder (account_id, path, role, active)"
        f" VALUES ({account}, 'INBOX', 'inbox', true) RETURNING id)"
        " INSERT INTO member_mail_failure (folder_id, account_id, uidvalidity, uid, state)"
        f" SELECT id, {account}, 7, 7, 'failed' FROM folder",
    )  # fmt: skip
    [failure] = client.call("member.mail.failure", "search", [("account_id", "=", account)])
    trace = client.call("member.mail.trace", "create", {"account_id": account, "query": "a@b.de"})
    assert _send(client, account, address, contact) == "failed"
    server = client.call("ir.mail_server", "search", [("member_mail_account_ids", "=", account)])
    # It says why the mailbox couldn't be asked.
    client.call("member.mail.trace", "action_search", [trace])
    for model, method, ids in (
        ("member.mail.failure", "action_download", [failure]),
        ("ir.mail_server", "test_smtp_connection", server),
    ):
        with pytest.raises(RpcError):
            client.call(model, method, ids)
    client.call(ACCOUNT, "action_fetch_now", [account])
    client.run_job("ir_cron_fetch")


def _sign_in(client, service, dovecot, smtp_server):
    """An account that reads and sends with tokens: renewed once, and refused when they end early."""
    parameters = {f"microsoft_outlook_{name}": value for name, value in CLIENT.items()} | {
        "microsoft_outlook.endpoint": f"{service.url}/microsoft/",
        "web.base.url": client.url,
    }
    for name, value in parameters.items():
        client.call("ir.config_parameter", "set_param", name, value)
    service.rotates, service.lifetime = True, 60
    dovecot.add_user(TOKEN_ADDRESS, "not used")
    values = _values(TOKEN_ADDRESS, False, dovecot.tls_port, smtp_server.tls_port, "ssl")
    account = client.call(ACCOUNT, "create", values | {"auth_method": "outlook"})
    client.get_address(client.call(ACCOUNT, "action_sign_in", [account])["url"])
    service.lifetime = 3600
    client.call(ACCOUNT, "action_test_connection", [account])
    [contact] = client.call("res.partner", "search", [("email", "=", "ada@member.example")])
    assert _send(client, account, TOKEN_ADDRESS, contact) == "sent"
    service.expire(TOKEN_ADDRESS)
    client.call(ACCOUNT, "action_fetch_now", [account])
    [values] = client.call(ACCOUNT, "read", [account], ["state", "signed_in", "error_message"])
    assert (values["state"], values["signed_in"]) == ("connected", True), values["error_message"]
    assert len(service.requests) == 3, "consent, ahead, by force"


def _ask_for_them(client):
    """Everything that gives out records."""
    ids = client.call(ACCOUNT, "search", [])
    assert len(ids) == len(WORKING) + len(REPEATED) + 1
    client.call(ACCOUNT, "read", ids)
    client.call(ACCOUNT, "web_read", ids, {"imap_password": {}, "smtp_password": {}, "name": {}})
    client.call(ACCOUNT, "web_search_read", [], {"imap_password": {}, "imap_password_set": {}})
    client.call(ACCOUNT, "export_data", ids, ["name", "imap_password", "smtp_password"])
    copied = client.call(ACCOUNT, "copy", ids[:1], {"email": "copy@club.example"})
    client.call(ACCOUNT, "read", copied)
    client.get(f"/web/content?model={ACCOUNT}&id={ids[0]}&field=imap_secret")
    for field in (
        "imap_secret", "smtp_secret", "microsoft_outlook_refresh_token",
        "microsoft_outlook_access_token", "microsoft_outlook_refresh_sealed",
        "microsoft_outlook_access_sealed",
    ):  # fmt: skip
        for ask in (
            lambda field=field: client.call(ACCOUNT, "read", ids, [field]),
            lambda field=field: client.call(ACCOUNT, "search", [(field, "like", "v1:%")]),
            lambda field=field: client.call(ACCOUNT, "export_data", ids, [field]),
            lambda field=field: client.call(ACCOUNT, "formatted_read_group", [], [field], []),
        ):
            with pytest.raises(RpcError):
                ask()


def _fail(client):
    """Calls with a password in them that end in errors, with tracebacks in the log and the answer."""
    secret = SECRETS["of a call that fails"]
    [account, *_others] = client.call(ACCOUNT, "search", [])
    password = {"imap_password": secret, "smtp_password": secret}
    for method, args in (
        ("write", ([account], password | {"no_such_field": 1})),
        ("write", ([account], password | {"imap_port": "no number"})),
        ("write", ([account], password | {"imap_port": 99999})),
        ("write", ([account], {"imap_password": f"{secret}\n"})),
        ("write", ([account], {"imap_password": [secret]})),
        ("write", ([account], password | {"company_id": 987654})),
        ("write", ([987654], password)),
        ("web_save", ([], password | {"email": "no address", "name": "x"}, {"name": {}})),
        ("create", (password,)),
        ("create", (password | {"name": None, "email": "x@club.example"},)),
        ("search", ([("imap_password", "=", secret)],)),
    ):
        with pytest.raises(RpcError):
            client.call(ACCOUNT, method, *args)
        with pytest.raises(Fault):
            client.execute(ACCOUNT, method, *args)
    columns = ["name", "email", "imap_password", "imap_port"]
    client.call(ACCOUNT, "load", columns, [["x", "x@club.example", secret, "no number"]])
    client.call(ACCOUNT, "onchange", [account], password, ["imap_password"], {"imap_password": {}})


# -- and nobody finds them ------------------------------------------------------------------------


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", SECRETS)
def test_no_password_is_found(left_behind, name, place):
    assert found_in(left_behind[place], SECRETS[name]) == []


@pytest.mark.parametrize("place", PLACES)
def test_no_token_is_found(left_behind, place):
    assert len(left_behind["tokens"]) == 6
    for token in left_behind["tokens"]:
        assert found_in(left_behind[place], token) == []


@pytest.mark.parametrize("place", PLACES)
def test_no_key_is_found(left_behind, place):
    assert found_in(left_behind[place], KEY) == []
    assert base64.urlsafe_b64decode(KEY) not in left_behind[place]
    assert base64.urlsafe_b64decode(KEY).hex().encode() not in left_behind[place]


def test_there_was_something_to_find(left_behind):
    assert left_behind["dump"].count(b"v2:gAAAA") == 2 * (len(WORKING) + len(REPEATED) + 1)
    assert b"Mail libraries print what they say" in left_behind["log"]
    assert b"call member.mail.account" in left_behind["log"]
    assert b"'imap_password': '***'" in left_behind["log"]
    assert left_behind["log"].count(b"Traceback") >= 10
    assert left_behind["answers"].count(b"Traceback") >= 10
    for place in ("dump", "log", "answers"):
        assert b"leak0@club.example" in left_behind[place]
        assert b"AUTHENTICATIONFAILED" in left_behind[place], "the server's words are shown"


@pytest.mark.parametrize("name", SECRETS)
def test_every_form_would_be_found(name):
    secret = SECRETS[name]
    for form, data in forms_of(secret).items():
        assert form in found_in(b"before " + data + b" after", secret)
        broken = data[:5] + b"\r\n" + data[5:]
        assert form in found_in(broken, secret)
    login = base64.b64encode(f"\0office@club.example\0{secret}".encode())
    assert any("base64" in form for form in found_in(login, secret))


# -- a backup without its key ---------------------------------------------------------------------


def test_a_restored_backup_asks_for_the_passwords(left_behind, database, start_odoo, dovecot):
    restored = f"{database}_restored"
    _pg("createdb", restored)
    _pg("psql", "-q", "-d", restored, input=left_behind["dump"])
    with start_odoo(restored, OTHER_KEY) as odoo:
        client = Client(odoo.url, restored)
        client.call(
            ACCOUNT, "create",
            {"name": "New", "email": "new@club.example", "imap_host": "localhost",
             "imap_port": dovecot.tls_port, "imap_password": SECRETS["ASCII"]},
        )  # fmt: skip
        standing = client.call("member.mail.home", "get_standing")
        assert standing["is_off"], "it may be a copy"
        client.call("member.mail.home", "declare_original", standing["waiting"], False)
        client.run_job("ir_cron_fetch")
        fields = ["email", "error_message", "state", "imap_password_set"]
        accounts = {
            values["email"]: values for values in client.call(ACCOUNT, "search_read", [], fields)
        }
        for number in range(len(WORKING)):
            account = accounts[f"leak{number}@club.example"]
            assert "Enter the password again" in account["error_message"]
            assert account["imap_password_set"], "it is there, and can't be read"
        # Nothing else fails: what is filed is read, a new password is taken.
        [message, *_others] = client.call(
            "member.mail.message", "search", [("subject", "=", "Filed")]
        )
        assert "Filed" in client.call("member.mail.message", "get_print_html", [message])
        account = accounts["leak0@club.example"]["id"]
        client.call(ACCOUNT, "write", [account], {"imap_password": SECRETS["ASCII"]})
        client.call(ACCOUNT, "action_test_connection", [account])
        [values] = client.call(ACCOUNT, "read", [account], ["state", "error_message"])
        assert (values["state"], values["error_message"]) == ("connected", False)
