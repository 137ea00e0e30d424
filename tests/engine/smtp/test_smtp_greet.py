"""Looking at an outgoing server without telling it anything."""

import pytest

from crm_member_mail.mailbox.errors import MailboxError
from crm_member_mail.mailbox.smtp.session import greet
from dev.servers.faulty_smtp import FaultySmtp

from ...conftest import PASSWORD
from ..fake_server import FakeServer
from ..imap.test_session import settings


def test_a_server_that_could_be_signed_in_to(dovecot):
    with FaultySmtp({"office@club.example": PASSWORD}, dovecot.root) as server:
        greet(settings(server.port, secret=""))
        assert not server.logins


def test_all_that_it_is_told():
    heard = []

    def play(connection):
        connection.say("220 ready")
        while line := connection.hear():
            heard.append(line.split()[0].upper())
            connection.say("250-here", "250-SIZE 1000", "250 AUTH PLAIN")

    with FakeServer(play) as server:
        assert greet(settings(server.port, encryption="none", host="127.0.0.1")) == 1000
    assert heard == ["EHLO", "QUIT"]


def test_a_server_without_log_in():
    def play(connection):
        connection.say("220 ready")
        while connection.hear():
            connection.say("250 here")

    with FakeServer(play) as server, pytest.raises(MailboxError) as caught:
        greet(settings(server.port, encryption="none", host="127.0.0.1"))
    assert caught.value.code == "login_unsupported"
