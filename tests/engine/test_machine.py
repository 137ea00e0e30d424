"""Trouble of our own machine is told as that: no mail server, certificate, name or email is to blame."""

import contextlib
import errno
import os
import resource
import socket
import ssl
import subprocess
import threading
import time

import pytest

from crm_member_mail.mailbox.cases import OF_MACHINE
from crm_member_mail.mailbox.discovery.guess import by_guess
from crm_member_mail.mailbox.discovery.proposals import Surroundings
from crm_member_mail.mailbox.errors import CODES, MailboxError
from crm_member_mail.mailbox.imap.session import ImapSession
from crm_member_mail.mailbox.machine import trouble
from crm_member_mail.mailbox.mime.message import parse
from crm_member_mail.mailbox.net import connection
from crm_member_mail.mailbox.net.deadlines import Deadlines
from crm_member_mail.mailbox.reader import NO_MEMORY, prepare_email, read_email
from crm_member_mail.mailbox.smtp.session import SmtpSession
from crm_member_mail.workers.processes import Processes

from ..mail import email
from .imap.test_session import failure, settings
from .tasks import hungry, run


class DatabaseError(Exception):
    """As psycopg2 raises it."""

    def __init__(self, state):
        super().__init__("could not extend file: No space left on device")
        self.pgcode = state


def system(number):
    return OSError(number, os.strerror(number))


def untrusted(verify_code):
    error = ssl.SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED]")
    error.verify_code, error.verify_message = verify_code, "unable to get local issuer certificate"
    return error


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (MemoryError(), "no_memory"),
        (system(errno.ENOMEM), "no_memory"),
        (system(errno.ENOBUFS), "no_memory"),
        (RuntimeError("can't start new thread"), "no_memory"),
        (ssl.SSLError(1, "[SSL] malloc failure (_ssl.c:1007)"), "no_memory"),
        (untrusted(17), "no_memory"),
        (socket.gaierror(socket.EAI_MEMORY, "Memory allocation failure"), "no_memory"),
        (system(errno.EMFILE), "no_files"),
        (system(errno.ENFILE), "no_files"),
        (system(errno.ENOSPC), "disk_full"),
        (system(errno.EDQUOT), "disk_full"),
        (DatabaseError("53100"), "database_full"),
        (DatabaseError("53200"), "no_memory"),
        (socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"), "name_service"),
        (socket.gaierror(socket.EAI_FAIL, "Non-recoverable failure"), "name_service"),
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), None),
        (untrusted(20), None),
        (untrusted(18), None),
        (ssl.SSLEOFError(8, "EOF occurred in violation of protocol"), None),
        (system(errno.ECONNREFUSED), None),
        (TimeoutError(), None),
        (RuntimeError("dictionary changed size"), None),
        (DatabaseError("23505"), None),
        (ValueError(), None),
    ],
    ids=repr,
)
def test_what_is_our_own(error, code):
    found = trouble(error, "imap.club.example")
    assert (found and found.code) == code
    if isinstance(error, OSError):
        told = connection.translate(error, "imap.club.example").code
        assert told == code or not code and told not in OF_MACHINE


def test_all_of_it_passes_and_blames_nobody():
    for code in OF_MACHINE:
        sentence = str(MailboxError(code, host="imap.club.example"))
        assert CODES[code].kind == "transient" and "imap.club" not in sentence
        assert "again" in sentence


# -- too many open files ---------------------------------------------------------------------------


@contextlib.contextmanager
def no_files_left(spare=0):
    """This process may open no more files, or only a few."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    highest = max(map(int, os.listdir("/proc/self/fd")))
    held = []
    resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 8, limits[1]))
    try:
        with contextlib.suppress(OSError):
            while True:
                held.append(os.open(os.devnull, os.O_RDONLY))
        for _number in range(spare):
            os.close(held.pop())
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        for descriptor in held:
            os.close(descriptor)


@pytest.mark.parametrize("opener", [ImapSession.open, SmtpSession.open])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "imap.club.example"])
def test_no_file_left_for_a_connection(opener, host):
    connection.tls_context()
    with no_files_left():
        error = failure(opener, settings(993, encryption="ssl", host=host))
    assert (error.code, error.kind) == ("no_files", "transient")


@pytest.mark.parametrize("encryption", ["ssl", "starttls"])
def test_no_file_left_for_the_authorities(dovecot, mailbox, encryption):
    """Nor does the next connection suffer, once there are files again."""
    port = dovecot.tls_port if encryption == "ssl" else dovecot.port
    given = settings(port, encryption=encryption, login=mailbox.user)
    connection._make_context.cache_clear()
    # One for the socket, none for the file of the authorities.
    with no_files_left(spare=1):
        error = failure(ImapSession.open, given)
    assert error.code == "no_files", error
    ImapSession.open(given).close()


def test_no_file_left_for_the_folder_of_authorities(dovecot, monkeypatch, tmp_path):
    """Debian has a file for each of them, which OpenSSL opens when it needs one."""
    monkeypatch.delenv("SSL_CERT_FILE")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(capath=tmp_path)
    monkeypatch.setattr(connection, "tls_context", lambda: context)
    sock = socket.create_connection(("localhost", dovecot.tls_port))
    with no_files_left():
        error = failure(connection.wrap, sock, "localhost")
    assert error.code == "no_files"
    sock = socket.create_connection(("localhost", dovecot.tls_port))
    assert failure(connection.wrap, sock, "localhost").code == "tls_untrusted"


def test_the_set_up_says_so():
    with no_files_left(), pytest.raises(MailboxError) as caught:
        by_guess("lea@club.example", "club.example", Surroundings())
    assert caught.value.code == "no_files"


# -- the name service ------------------------------------------------------------------------------


@pytest.mark.parametrize("opener", [ImapSession.open, SmtpSession.open])
def test_the_name_service_is_down(monkeypatch, opener, dovecot, mailbox):
    def down(*_args, **_options):
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    with monkeypatch.context() as patch:
        patch.setattr(connection.socket, "getaddrinfo", down)
        error = failure(opener, settings(dovecot.tls_port, host="imap.club.example"))
    assert (error.code, error.kind) == ("name_service", "transient")
    assert "spelling" not in str(error)


# -- too little memory -----------------------------------------------------------------------------


def test_an_email_that_there_is_no_memory_for():
    data = email()
    assert read_email(data, None, hungry) == NO_MEMORY
    assert prepare_email(parse(data), hungry) == NO_MEMORY
    with Processes() as pool:
        # Twice, so that the process has survived the first one.
        assert pool.work(read_email, [(data, None, hungry)] * 2) == [NO_MEMORY] * 2
        # Where it can't even say so, its process ends, and the next email has another one.
        assert pool.work(bytearray, [(1 << 60,), (1,)]) == [None, bytearray(1)]


@pytest.mark.parametrize("number", [errno.EAGAIN, errno.ENOMEM, errno.EMFILE])
def test_no_process_can_be_started(monkeypatch, caplog, number):
    def refuse(*_args, **_options):
        raise system(number)

    with Processes() as pool:
        with monkeypatch.context() as patch:
            patch.setattr(subprocess, "Popen", refuse)
            assert pool.work(os.getpid, [()]) == [os.getpid()]
        assert os.strerror(number) in caplog.text and "Traceback" not in caplog.text
        assert pool.work(os.getpid, [()]) != [os.getpid()]


@pytest.fixture
def no_threads(monkeypatch):
    """The system lets us start no more threads."""

    def refuse(_thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)


@pytest.mark.parametrize("opener", [ImapSession.open, SmtpSession.open])
def test_no_thread_can_be_started(no_threads, opener):
    error = failure(opener, settings(993, encryption="ssl"))
    assert (error.code, error.kind) == ("no_memory", "transient")


def test_no_thread_for_the_deadlines(no_threads):
    deadlines = Deadlines()
    assert failure(deadlines.watch, 1, time.time).code == "no_memory"
    assert not deadlines._ends


# -- a full disk -----------------------------------------------------------------------------------


def test_processes_need_no_temporary_files(monkeypatch, tmp_path):
    """Nor any other room on a disk."""
    for name in ("TMPDIR", "TEMP", "TMP", "HOME"):
        monkeypatch.setenv(name, "/dev/full")
    monkeypatch.chdir(tmp_path)
    code = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
"""
    with Processes() as pool:
        assert pool.work(run, [(code,)]) == [code]
        data = email()
        assert pool.work(read_email, [(data, None, None)] * 2) == [read_email(data, None, None)] * 2
