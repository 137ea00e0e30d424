"""Servers under the usual names: each is actually connected to."""

import dataclasses
import threading
import time

from ..cases import OF_MACHINE
from ..errors import MailboxError
from ..machine import trouble
from ..net.bounded import BoundedConnection
from .dns_records import mail_exchangers
from .proposals import Proposal, Server

#: Seconds that all attempts together may take.
GUESS_SECONDS = 8.0

#: How many of these may go into finding the domain's mail exchanger.
_NAMES_SECONDS = 2.0

_USUAL = {
    "imap": (("imap.", "mail.", ""), ((993, "ssl"), (143, "starttls"))),
    "smtp": (("smtp.", "mail.", ""), ((465, "ssl"), (587, "starttls"))),
}


def by_guess(address, domain, surroundings):
    """The first servers, in order of preference, that greet as they should.

    Their certificates are verified for their names, so that a host that answers to any name is not
    accepted. Nobody signs in.

    :param str address: canonical
    :param str domain: its domain
    :return: Proposal, or None when nothing is there
    :raises MailboxError: nothing could be found out, or it is on a private network
    """
    deadline = time.monotonic() + GUESS_SECONDS
    candidates = _candidates(address, domain, surroundings)
    race = _Race(candidates, surroundings, deadline)
    imap, smtp = race.winner("imap"), race.winner("smtp")
    if imap is None and smtp is None:
        race.raise_trouble()
        return None
    return Proposal("guess", imap, smtp)


def _candidates(address, domain, surroundings):
    """Dict of protocol to the Servers to try, the best first."""
    patient = dataclasses.replace(surroundings, timeout=min(surroundings.timeout, _NAMES_SECONDS))
    try:
        exchangers = mail_exchangers(domain, patient)[:1]
    except MailboxError:
        exchangers = ()
    found = {}
    for protocol, (prefixes, ports) in _USUAL.items():
        hosts = dict.fromkeys((*(prefix + domain for prefix in prefixes), *exchangers))
        servers = (Server(host, *port, address) for host in hosts for port in ports)
        found[protocol] = [server for server in servers if surroundings.allows(server)]
    return found


class _Race:
    """All candidates being tried at once."""

    def __init__(self, candidates, surroundings, deadline):
        self._candidates = candidates
        self._deadline = deadline
        self._verdicts = {}  # of protocol and Server: None when it works, or a MailboxError
        self._changed = threading.Condition()
        for protocol, servers in candidates.items():
            for server in servers:
                threading.Thread(
                    target=self._try, args=(protocol, server, surroundings), daemon=True
                ).start()

    def winner(self, protocol):
        """The first Server that works, once all before it have failed; None if none does."""
        with self._changed:
            while True:
                left = self._deadline - time.monotonic()
                for server in self._candidates[protocol]:
                    verdict = self._verdicts.get((protocol, server), self)
                    if verdict is None:
                        return server
                    if verdict is self and left > 0:
                        break  # still at it
                else:
                    return None
                self._changed.wait(left)

    def raise_trouble(self):
        """When nothing worked, raise an error that somebody should know about."""
        with self._changed:
            errors = {error.code: error for error in self._verdicts.values() if error}
        for code, error in errors.items():
            if code in OF_MACHINE or code in ("private_host", "unreachable"):
                raise error

    def _try(self, protocol, server, surroundings):
        verdict = None
        try:
            seconds = min(surroundings.timeout, self._deadline - time.monotonic())
            check = {"imap": _check_imap, "smtp": _check_smtp}[protocol]
            with BoundedConnection(
                server.host, server.port, surroundings.allow_private, time.monotonic() + seconds
            ) as line:
                check(line, server.encryption)
        except MailboxError as error:
            verdict = error
        except Exception as error:  # pylint: disable=broad-except
            # Whatever it is, the others must not wait for this thread.
            verdict = trouble(error, server.host) or MailboxError(
                "unexpected", type(error).__name__, server.host
            )
        with self._changed:
            self._verdicts[protocol, server] = verdict
            self._changed.notify_all()


def _check_imap(line, encryption):
    if encryption == "ssl":
        line.start_tls()
    _expect(line, line.hear(), b"* OK")
    if encryption == "starttls":
        line.say("a STARTTLS")
        answer = line.hear_until(lambda answer: answer.upper().startswith((b"A ", b"* BYE")))
        _expect(line, answer, b"A OK")
        line.start_tls()


def _check_smtp(line, encryption):
    if encryption == "ssl":
        line.start_tls()
    _expect(line, line.hear_until(_is_end_of_reply), b"220")
    if encryption == "starttls":
        line.say("EHLO [127.0.0.1]")
        _expect(line, line.hear_until(_is_end_of_reply), b"250")
        line.say("STARTTLS")
        _expect(line, line.hear_until(_is_end_of_reply), b"220")
        line.start_tls()


def _is_end_of_reply(answer):
    return answer[3:4] != b"-"


def _expect(line, answer, beginning):
    if not answer.upper().startswith(beginning):
        raise MailboxError("protocol", answer[:100], line.host)
