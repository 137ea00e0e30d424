"""The set-up wizard against real servers: from an address to the first scan."""

import pytest

from odoo.exceptions import UserError

from odoo.addons.crm_member_mail.models.screens.account_setup import LOOK_UPS

from dev.servers.autoconfig import PATH as AUTOCONFIG_PATH
from dev.servers.autoconfig import config
from dev.servers.names import Fault

from ..conftest import PASSWORD
from ..mail import email


def look(account):
    """All steps of looking, as the page asks for them: list of (step, answer)."""
    steps, name = [], "provider"
    while name:
        answer = account.setup_look_up(name)
        steps.append((name, answer["state"], answer["text"]))
        name = answer["next"]
    return steps


def test_a_known_provider_is_found_at_once(begin):
    account = begin("somebody@gmail.com")
    assert look(account) == [("provider", "found", account.provider_id.name)]
    assert account.provider_id.code == "gmail"
    assert (account.setup_screen, account.setup_by_hand) == ("signin", False)
    assert account.imap_host == "imap.gmail.com"
    assert account.setup_methods == ["password", "gmail"]


def test_a_domain_of_ones_own_is_found_by_who_receives_its_mail(env, begin, name_server):
    name_server.records["custom.example", "MX"] = ["1 aspmx.l.google.com."]
    env["ir.config_parameter"].set_param("crm_member_mail.nameservers", name_server.address)
    account = begin("somebody@custom.example")
    steps = look(account)
    assert [step[:2] for step in steps] == [("provider", "nothing"), ("exchangers", "found")]
    assert account.provider_id.code == "gmail"


#: Ways in which the servers are found, after all before them found nothing.
FINDING = {
    "autoconfig": ("autoconfig.club.example", AUTOCONFIG_PATH),
    "database": ("autoconfig.thunderbird.net", "/v1.1/club.example"),
    "services": None,
    "guess": None,
}


@pytest.mark.parametrize("way", FINDING)
def test_each_way_leads_to_servers_that_work(
    begin, mailbox, internet, name_server, host_table, smtp_server, way
):
    if page := FINDING[way]:
        host_table.hosts[page[0]] = "127.0.0.1"
        internet.pages[page] = config([{}], [{}], "Club Mail")
    elif way == "services":
        for service, host, port in (("imaps", "imap", 993), ("submissions", "smtp", 465)):
            name = f"_{service}._tcp.club.example"
            name_server.records[name, "SRV"] = [f"0 1 {port} {host}.club.example."]
    smtp_server.users[mailbox.user] = PASSWORD
    account = begin(mailbox.user)
    *before, last = look(account)
    ways = [name for name, _label in LOOK_UPS]
    assert [step[0] for step in before] == ways[: ways.index(way)]
    assert {step[1] for step in before} == {"nothing"}
    assert last[:2] == (way, "found")
    assert account.setup_source == way
    assert account.setup_found == "imap.club.example, smtp.club.example"
    assert not account.provider_id and not account.servers_known
    assert not account.setup_by_hand
    assert (account.imap_host, account.smtp_host) == ("imap.club.example", "smtp.club.example")
    account.imap_password = PASSWORD
    assert account.setup_test() == {"imap": None, "smtp": None}


def test_what_was_found_is_corrected(
    begin, mailbox, internet, name_server, host_table, smtp_server
):
    name_server.records["_imaps._tcp.club.example", "SRV"] = ["0 1 993 gone.club.example."]
    smtp_server.users[mailbox.user] = PASSWORD
    account = begin(mailbox.user)
    assert look(account)[-1][:2] == ("services", "found")
    account.imap_password = PASSWORD
    assert "no server named gone.club.example" in account.setup_test()["imap"]["text"]
    assert account.setup_screen == "signin"
    account.action_setup_by_hand()
    account.write({"imap_host": "imap.club.example", "smtp_host": "smtp.club.example"})
    account.imap_password = PASSWORD  # entered for the server that is not there
    assert account.setup_test() == {"imap": None, "smtp": None}


def test_what_could_not_be_found_out_is_said(env, begin, internet, name_server):
    name_server.faults[""] = Fault.SERVFAIL
    account = begin("somebody@silent.example")
    steps = look(account)
    failed = {name: text for name, state, text in steps if state == "failed"}
    assert {"exchangers", "services"} <= failed.keys()
    assert "name service" not in failed["services"]
    details = account.setup_look_up("services")["details"]
    assert details == "the name service does not answer"
    name_server.clear()
    steps = look(begin("somebody@nowhere.example"))
    assert [state for _name, state, _text in steps] == ["nothing"] * len(LOOK_UPS)


def test_private_networks_are_not_looked_into(env, begin, internet):
    env["ir.config_parameter"].set_param("crm_member_mail.allow_private_hosts", "False")
    account = begin("somebody@club.example")
    steps = {name: (state, text) for name, state, text in look(account)}
    assert steps["guess"][0] == steps["database"][0] == "failed"
    assert "private network" in steps["guess"][1]
    assert not account.imap_host and account.setup_by_hand
    assert not internet.requests


def test_another_address_forgets_what_was_found(env, begin):
    account = begin("somebody@gmail.com")
    look(account)
    env["member.mail.account"].setup_begin("somebody@elsewhere.example", account.id)
    assert account.email == account.imap_login == "somebody@elsewhere.example"
    assert not account.provider_id and not account.imap_host and not account.smtp_host


@pytest.mark.parametrize("email", ["", "nobody", "a@b@c", False])
def test_what_is_no_address_is_refused(env, email):
    with pytest.raises(UserError, match="is not an email address"):
        env["member.mail.account"].setup_begin(email)


def test_an_account_is_not_set_up_twice(env, account):
    with pytest.raises(UserError, match="already an account"):
        env["member.mail.account"].setup_begin(account.email.upper())


def test_from_the_password_to_the_first_scan(env, begin, mailbox, dovecot, smtp_server, contact):
    contact("Ann", "ann@people.example")
    mailbox.append("INBOX", email(sender="ann@people.example", to=mailbox.user))
    mailbox.append("INBOX", email(sender="stranger@else.example", to=mailbox.user))
    smtp_server.users[mailbox.user] = PASSWORD
    account = begin(mailbox.user)
    account.write(
        {
            "setup_screen": "signin",
            "imap_host": "localhost", "imap_port": dovecot.tls_port, "imap_encryption": "ssl",
            "smtp_host": "localhost", "smtp_port": smtp_server.tls_port, "smtp_encryption": "ssl",
            "imap_password": "wrong",
        }
    )  # fmt: skip
    verdict = account.setup_test()
    assert "enter the password again" in verdict["imap"]["text"]
    assert account.setup_screen == "signin"
    with pytest.raises(UserError, match="must work first"):
        account.action_setup_start()

    account.imap_password = PASSWORD
    assert account.setup_test() == {"imap": None, "smtp": None}
    assert account.setup_screen == "reading"
    # Nothing is read, nor sent, before somebody says so.
    assert account not in account.search(account._due_domain())
    assert not account.can_send
    assert account.setup_estimate() == {"30": 2, "90": 2, "365": 2, "all": 2}

    account.action_setup_start()
    assert account in account.search(account._due_domain())
    answer = account.setup_scan()
    assert (answer["state"], answer["filed"], answer["progress"]) == ("done", 1, 100)
    with pytest.raises(UserError, match="already set up"):
        account.setup_look_up("provider")


def test_reading_without_sending(begin, mailbox, dovecot):
    account = begin(mailbox.user)
    account.write(
        {
            "setup_screen": "signin",
            "imap_host": "localhost", "imap_port": dovecot.tls_port, "imap_encryption": "ssl",
            "smtp_host": "localhost", "smtp_port": 1, "smtp_encryption": "ssl",
            "imap_password": PASSWORD,
        }
    )  # fmt: skip
    verdict = account.setup_test()
    assert verdict["imap"] is None and "Check the port" in verdict["smtp"]["details"]
    assert "port" not in verdict["smtp"]["text"]
    assert account.setup_screen == "signin"
    account.action_setup_read_only()
    assert account.setup_screen == "reading"


def test_a_set_up_is_gone_on_with(env, begin, account):
    unfinished = begin("somebody@gmail.com")
    look(unfinished)
    action = unfinished.action_remedy()
    assert action["res_id"] == unfinished.id
    assert (
        action["views"][0][0] == env.ref("crm_member_mail.member_mail_account_view_form_setup").id
    )
    assert unfinished.setup_screen == "signin"
    with pytest.raises(UserError, match="already set up"):
        account.action_continue_setup()
    assert begin("Somebody@Gmail.com") == unfinished
    other = begin("other@gmail.com")
    assert env["member.mail.account"].setup_begin("somebody@gmail.com", other.id) == unfinished.id


def test_an_abandoned_set_up_goes(env, begin, account):
    abandoned = begin("somebody@gmail.com")
    env.cr.execute("UPDATE member_mail_account SET write_date = '2020-01-01'")
    env.invalidate_all()
    env["member.mail.account"]._gc_abandoned_setups()
    assert not abandoned.exists() and account.exists()
