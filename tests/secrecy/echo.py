"""Mail servers that refuse a login and repeat what they were told."""

import contextlib

from ..engine.fake_server import FakeServer


@contextlib.contextmanager
def echoing_servers():
    """An IMAP and an SMTP server without encryption; yields their ports."""
    with FakeServer(_imap) as imap, FakeServer(_smtp) as smtp:
        yield imap.port, smtp.port


def _imap(connection):
    connection.say("* OK ready")
    while line := connection.hear():
        tag, _space, command = line.partition(" ")
        if command.startswith("CAPABILITY"):
            connection.say("* CAPABILITY IMAP4rev1 AUTH=PLAIN", f"{tag} OK done")
        elif command.startswith("AUTHENTICATE"):
            connection.say("+ ")
            connection.say(f"{tag} NO [AUTHENTICATIONFAILED] {command}: {connection.hear()}")
        else:
            connection.say(f"{tag} NO [AUTHENTICATIONFAILED] {command}")


def _smtp(connection):
    connection.say("220 ready")
    while line := connection.hear():
        if line.upper().startswith("EHLO"):
            connection.say("250-server", "250 AUTH PLAIN LOGIN")
        elif line.upper().startswith("AUTH LOGIN"):
            connection.say("334 UGFzc3dvcmQ6")
            line = connection.hear()
            connection.say(f"535-5.7.8 refused: {line}", f"535 5.7.8 {line}")
        elif line.upper().startswith("AUTH"):
            connection.say(f"535-5.7.8 refused: {line}", f"535 5.7.8 {line}")
        else:
            connection.say("221 bye")
