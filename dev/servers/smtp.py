"""A private SMTP server with TLS and AUTH, which keeps what it is sent."""

import base64
import json
import ssl

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import MISSING, AuthResult, LoginPassword

from .certificates import make_certificates
from .dovecot import free_port

#: What the parts of the SASL string begin with.
_XOAUTH2 = ("user=", "auth=Bearer ")


class SmtpServer:
    """An SMTP server on 127.0.0.1; a context manager.

    ``tls_port`` speaks TLS at once, ``port`` STARTTLS; both want AUTH, and only over TLS.
    ``messages`` are triples of the envelope's sender, its recipients and the bytes.

    :param dict users: password by user name
    :param folder: where the certificates of :mod:`.certificates` are, or are made
    :param oauth: the OAuthServer whose access tokens let one in (XOAUTH2)
    """

    def __init__(self, users, folder, oauth=None):
        self.users = dict(users)
        self.messages = []
        self.oauth = oauth
        self._folder = folder
        self._controllers = []
        self.port, self.tls_port = free_port(), free_port()

    def __enter__(self):
        self._folder.mkdir(parents=True, exist_ok=True)
        make_certificates(self._folder)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self._folder / "server.pem", self._folder / "server.key")
        options = {
            "hostname": "127.0.0.1",
            "authenticator": self._authenticate,
            "auth_required": True,
            "auth_exclude_mechanism": [] if self.oauth else ["XOAUTH2"],
        }
        self._controllers = [
            Controller(self, port=self.port, tls_context=context, require_starttls=True, **options),
            # Behind TLS from the first byte, aiosmtpd itself sees a plain connection.
            Controller(
                self, port=self.tls_port, ssl_context=context, auth_require_tls=False, **options
            ),
        ]
        for controller in self._controllers:
            controller.start()
        return self

    def __exit__(self, *_exception):
        for controller in self._controllers:
            controller.stop()

    async def handle_DATA(self, _server, _session, envelope):
        """aiosmtpd's hook for a message that was received."""
        self.messages.append((envelope.mail_from, tuple(envelope.rcpt_tos), envelope.content))
        return "250 Message accepted"

    async def auth_XOAUTH2(self, server, args):
        """aiosmtpd's hook for a way of logging in: refuses like Google, with an error that wants an
        empty answer."""
        words = base64.b64decode(args[1]).decode().split("\x01")
        user, token = (
            word.partition(prefix)[2] for word, prefix in zip(words, _XOAUTH2, strict=False)
        )
        if self.oauth.accepts(user, token):
            return AuthResult(success=True)
        error = json.dumps(
            {"status": "400", "schemes": "Bearer", "scope": "https://mail.google.com/"}
        )
        answer = await server.challenge_auth(error)
        if answer is MISSING:
            return AuthResult(success=False)
        words = "535 5.7.8 Username and Password not accepted" if answer == b"" else "501 Not empty"
        return AuthResult(success=False, handled=False, message=words)

    def _authenticate(self, _server, _session, _envelope, _mechanism, data):
        good = isinstance(data, LoginPassword) and (
            self.users.get(data.login.decode()) == data.password.decode()
        )
        return AuthResult(success=good, handled=False)
