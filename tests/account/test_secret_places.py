"""A secret goes nowhere but where it was entered for: after every write, whoever made it.

Sequences of writes are made up; each secret in them is another one. After each step, Odoo is asked what
it would tell either server now, and tests and sign-ins are played; nothing may be told that was not
entered while that server and that login were shown.
"""

import contextlib
import json
import time
from types import SimpleNamespace
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from odoo import api, modules
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from odoo.addons.crm_member_mail.mailbox.discovery import detect
from odoo.addons.crm_member_mail.mailbox.discovery.proposals import Proposal, Server
from odoo.addons.crm_member_mail.mailbox.errors import MailboxError
from odoo.addons.crm_member_mail.models.account import connection

HOSTS = ["imap.club.example", "smtp.club.example", "evil.example", "outlook.office365.com", False]
LOGINS = ["desk@club.example", "other", False]
EMAILS = ["desk@club.example", "ana@club.example", "desk@hotmail.com"]
PORTS = {"imap": [993, 143, 2993], "smtp": [465, 587, 2525]}
PASSWORD = object()  # stands for a new one

_values = {
    **{f"{protocol}_host": st.sampled_from(HOSTS) for protocol in PORTS},
    **{f"{protocol}_port": st.sampled_from(PORTS[protocol]) for protocol in PORTS},
    **{f"{p}_encryption": st.sampled_from(["ssl", "starttls", "none"]) for p in PORTS},
    **{f"{protocol}_login": st.sampled_from(LOGINS) for protocol in PORTS},
    **{f"{p}_password": st.sampled_from([PASSWORD, PASSWORD, False]) for p in PORTS},
    "email": st.sampled_from(EMAILS),
    "auth_method": st.sampled_from(["password", "password", "outlook"]),
    "provider_id": st.sampled_from(["none", "evil", "office365"]),
    "unencrypted_ok": st.booleans(),
}
_some = st.sets(st.sampled_from(sorted(_values)), min_size=1, max_size=4).flatmap(
    lambda names: st.fixed_dictionaries({name: _values[name] for name in names})
)
_who = st.sampled_from(["ana", "bo", "superuser"])
_steps = st.one_of(
    st.tuples(st.sampled_from(["write", "write", "load", "copy", "onchange"]), _who, _some),
    st.tuples(st.sampled_from(["begin", "find", "provider", "test", "consent"]), _who, st.just({})),
)


class Told(Exception):
    pass


class World:
    """An account, the people who set it up, and what was entered for where."""

    def __init__(self, env, people):
        self.env, self.number, self.entered_for = env, 0, {}
        self.users, self.providers = people.users, people.providers
        self.account = env["member.mail.account"].create(
            {"name": "Desk", "email": EMAILS[0], "imap_host": HOSTS[0], "smtp_host": HOSTS[1]}
        )
        self.account.setting_up = True
        self.write("ana", {"imap_password": PASSWORD})

    def as_(self, who):
        self.env.flush_all()
        user = self.users[who]
        env = api.Environment(self.env.cr, user.id, {}, su=who == "superuser")
        return self.account.with_env(env)

    def new(self):
        self.number += 1
        return f"secret-{self.number}-of-the-club"

    def filled_in(self, values):
        """The values to write, and the secrets among them by field."""
        values = dict(values)
        if "provider_id" in values:
            values["provider_id"] = self.providers[values["provider_id"]].id
        typed = {name: self.new() for name, value in values.items() if value is PASSWORD}
        return values | typed, typed

    def note(self, account, typed):
        """What was typed was meant for what the form shows now."""
        shown = self.shown(account)
        for name, secret in typed.items():
            own = {shown["smtp"]} if name == "smtp_password" else set(shown.values())
            self.entered_for.setdefault(secret, set()).update(own)

    @staticmethod
    def shown(account):
        return {
            protocol: (
                (account[f"{protocol}_host"] or "").strip(),
                account[f"{protocol}_login"] or account.imap_login or account.email,
            )
            for protocol in PORTS
        }

    # -- the steps -----------------------------------------------------------------------------------

    def write(self, who, values):
        values, typed = self.filled_in(values)
        with self.refusals():
            self.as_(who).write(values)
            self.note(self.account, typed)

    def load(self, who, values):
        values, typed = self.filled_in(values)
        values.pop("provider_id", None)
        names = list(values)
        row = [str(values[name] or "") for name in names]
        with self.refusals():
            found = self.as_(who).load([".id", *names], [[str(self.account.id), *row]])
            if found["ids"]:
                self.note(self.account, typed)

    def copy(self, who, values):
        values, typed = self.filled_in(values)
        with self.refusals():
            copied = self.as_(who).copy(values).sudo()
            self.note(copied, typed)
            self.look(copied)
            copied.unlink()

    def onchange(self, who, values):
        values, _typed = self.filled_in(values)
        spec = {name: {} for name in (*values, "imap_password_again", "smtp_password_again")}
        with self.refusals():
            answer = self.as_(who).onchange(values, list(values), spec)
            self.silent_about_secrets(answer)

    def begin(self, who, _values):
        with self.refusals():
            self.as_(who).browse().setup_begin(EMAILS[self.number % 2], self.account.id)

    def find(self, who, _values):
        """A stranger's domain says where its servers are."""
        found = Proposal(
            "autoconfig",
            Server(HOSTS[0], 993, "ssl", LOGINS[0]),
            Server("evil.example", 25, "none", LOGINS[0]),
            "Gmail",
        )
        with self.refusals(), patch.object(detect, "find_autoconfig", lambda *_args: found):
            self.as_(who).setup_look_up("autoconfig")

    def provider(self, who, _values):
        with self.refusals():
            self.as_(who).setup_look_up("provider")

    def test(self, who, _values):
        """Press the button; the servers write down what they are told."""
        with self.refusals():
            self.as_(who).setup_test()

    def consent(self, who, _values):
        if self.account.auth_method == "password":
            return
        token, refresh = self.new(), self.new()
        self.account._keep_consent(self.account.auth_method, refresh, token, time.time() + 3600)
        self.note(self.account, {"imap_password": token})

    # -- what is told --------------------------------------------------------------------------------

    def told(self, given):
        if not given.secret:
            return
        [secret] = [s for s in self.entered_for if s in given.secret] or [None]
        assert secret, f"{given.host} is told what nobody entered"
        place = (given.host, given.login)
        if place not in self.entered_for[secret]:
            raise Told(f"{secret}, entered for {self.entered_for[secret]}, goes to {place}")

    def look(self, account):
        account.invalidate_recordset()
        for protocol in PORTS:
            with contextlib.suppress(MailboxError):
                self.told(account._server_settings(protocol))

    def silent_about_secrets(self, answer):
        text = json.dumps(answer, default=str)
        assert not [secret for secret in self.entered_for if secret in text]

    @contextlib.contextmanager
    def refusals(self):
        """What Odoo refuses leaves no trace."""
        self.env.flush_all()
        try:
            with self.env.cr.savepoint():
                yield
                self.env.flush_all()
        except (AccessError, UserError):
            self.env.invalidate_all(flush=False)


@pytest.fixture
def people(env):
    """Who writes, and the providers that they choose."""
    group, provider = "crm_member_mail.group_manager", env["member.mail.provider"]
    users = {name: new_test_user(env, f"{name}_of_the_club", group) for name in ("ana", "bo")}
    evil = {"name": "Evil", "code": "evil", "smtp_host": "evil.example", "smtp_port": 465}
    providers = {
        "none": provider,
        "evil": provider.create(evil),
        "office365": env.ref("crm_member_mail.provider_office365"),
    }
    return SimpleNamespace(users=users | {"superuser": env.user}, providers=providers)


@pytest.fixture
def quiet(env, monkeypatch):
    """Nothing is committed, and no server is there but those that write down."""
    env["ir.config_parameter"].set_param("crm_member_mail.allow_private_hosts", "False")
    # As in a test of Odoo's own, whoever commits only flushes.
    monkeypatch.setattr(modules.module, "current_test", True)
    told = []

    def listen(given, *_args, **_options):
        told.append(given)
        if given.host != HOSTS[0]:
            raise MailboxError("auth_failed")
        return []

    monkeypatch.setattr(connection, "PROBES", dict.fromkeys(connection.PROBES, listen))
    for name in ("google_gmail", "microsoft_outlook"):
        env["ir.config_parameter"].set_param(f"{name}_client_id", "x")
        env["ir.config_parameter"].set_param(f"{name}_client_secret", "x")
    yield told
    env.cr.rollback()
    # Parameters are remembered beyond a transaction.
    env.registry.clear_all_caches()


SMTP_MOVES = [
    ("write", "ana", {"smtp_password": PASSWORD}),
    ("write", "bo", {"smtp_host": "evil.example"}),
]


@settings(
    derandomize=True, max_examples=40, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(steps=st.lists(_steps, min_size=1, max_size=8))
@example(steps=SMTP_MOVES)
@example(steps=[("write", "superuser", {"imap_host": "evil.example"})])
@example(steps=[("write", "bo", {"imap_login": "other"})])
@example(
    steps=[
        ("write", "bo", {"auth_method": "outlook", "provider_id": "office365"}),
        ("consent", "ana", {}),
        ("write", "bo", {"imap_login": "other"}),
    ]
)
def test_no_sequence_of_writes_sends_a_secret_elsewhere(env, people, quiet, steps):
    with contextlib.suppress(_Undone), env.cr.savepoint():
        world = World(env, people)
        for name, who, values in steps:
            quiet.clear()
            getattr(world, name)(who, values)
            for given_to_server in quiet:
                world.told(given_to_server)
            world.look(world.account)
        raise _Undone
    env.invalidate_all(flush=False)


class _Undone(Exception):
    """Takes the sequence back."""
