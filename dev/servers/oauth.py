"""A sign-in service for tests, as Google and Microsoft have one: consent, tokens, and what mail servers
ask about a token."""

import base64
import http.server
import json
import secrets
import threading
import time
from contextlib import suppress
from urllib.parse import parse_qs, urlencode, urlsplit

#: What this Odoo is registered as.
CLIENT = {"client_id": "odoo-of-the-club", "client_secret": "known to both"}


class OAuthServer:
    """An OAuth 2.0 authorisation server (RFC 6749) on 127.0.0.1; a context manager.

    Who is sent to ``/authorize`` consents at once, as ``user``, else as the ``login_hint`` says; with
    ``declines`` he does not. A refresh token is good once if the server ``rotates``: whoever uses one
    twice loses all of his consent, as with a provider that takes it for stolen.

    :ivar str url: where it is
    :ivar int lifetime: seconds that access tokens are good for
    :ivar str user: who signs in
    :ivar dict delegates: the mailbox that each user opens in the place of their own
    :ivar fault: what ``/token`` does instead of its work: an HTTP status, "silent", or None; a function
        is called before the work
    :ivar list requests: the parameters of each request to ``/token``
    :ivar list consents: the parameters of each request to ``/authorize``
    :ivar list given: all tokens that there ever were
    """

    def __init__(self):
        self._mutex = threading.Lock()
        self._end = threading.Event()
        self.reset()

    def __enter__(self):
        handler = type("Handler", (_Handler,), {"service": self})
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_exception):
        self._end.set()
        self._server.shutdown()
        self._server.server_close()

    # -- for tests ----------------------------------------------------------------------------------

    def reset(self):
        """Forget everything."""
        self.user, self.lifetime, self.rotates, self.declines = "", 3600, False, False
        self.fault, self.delegates = None, {}
        self.requests, self.consents, self.given = [], [], []
        self._codes, self._refresh, self._used, self._access = {}, {}, {}, {}

    def grant(self, user):
        """Consent of ``user``: a refresh token, and an access token."""
        refresh, access = secrets.token_urlsafe(16), secrets.token_urlsafe(16)
        self.given += [refresh, access]
        self._refresh[refresh] = user
        self._access[access] = (user, time.time() + self.lifetime)
        return refresh, access

    def revoke(self, user):
        """Withdraw the consent of ``user``: all that was given for it is worth nothing."""
        self._refresh = {token: name for token, name in self._refresh.items() if name != user}
        self.expire(user)

    def expire(self, user):
        """Let the access tokens of ``user`` end now, whatever their holders think."""
        self._access = {
            token: (name, end) for token, (name, end) in self._access.items() if name != user
        }

    def accepts(self, user, token):
        """Whether an access token lets somebody into the mailbox of ``user``."""
        name, end = self._access.get(token, ("", 0))
        return self.delegates.get(name, name) == user and end > time.time()

    # -- what is answered ---------------------------------------------------------------------------

    def authorize(self, query):
        """The address to which the browser is sent back."""
        self.consents.append(query)
        answer = {"state": query["state"]}
        if self.declines:
            answer |= {"error": "access_denied", "error_description": "User declined\r\n<b>it</b>"}
        else:
            code = secrets.token_urlsafe(8)
            self._codes[code] = self.user or query.get("login_hint")
            answer["code"] = code
        return f"{query['redirect_uri']}?{urlencode(answer)}"

    def token(self, form):
        """Status and answer of a request for tokens."""
        if callable(self.fault):
            self.fault()
        elif self.fault == "silent":
            self._end.wait()
        elif self.fault:
            name = "server_error" if self.fault >= 500 else "unauthorized_client"
            return self.fault, {"error": name}
        if any(form.get(name) != value for name, value in CLIENT.items()):
            return 401, {"error": "invalid_client", "error_description": "Unknown client"}
        with self._mutex:
            if form["grant_type"] == "authorization_code":
                user = self._codes.pop(form.get("code"), None)
            else:
                user = self._refreshed(form.get("refresh_token"))
            if not user:
                return 400, {"error": "invalid_grant", "error_description": "Token was revoked"}
            refresh, access = self.grant(user)
        answer = {"access_token": access, "expires_in": self.lifetime, "token_type": "Bearer"}
        if form["grant_type"] == "refresh_token" and not self.rotates:
            del self._refresh[refresh]
            refresh = form["refresh_token"]
        return 200, answer | {"refresh_token": refresh, "id_token": _id_token(user)}

    def _refreshed(self, token):
        if token in self._used:
            self.revoke(self._used[token])
        user = self._refresh.get(token)
        if user and self.rotates:
            self._used[token] = self._refresh.pop(token)
        return user

    def token_info(self, query):
        """Status and answer of a mail server's question about an access token."""
        user, end = self._access.get(query.get("access_token"), ("", 0))
        if end <= time.time():
            return 400, {"error": "invalid_token"}
        user = self.delegates.get(user, user)
        return 200, {"email": user, "expires_in": int(end - time.time())}


class _Handler(http.server.BaseHTTPRequestHandler):
    service = None

    def do_GET(self):
        """Consent, and what is known of a token."""
        url = urlsplit(self.path)
        query = _flat(url.query)
        if url.path.endswith("/authorize"):
            self.send_response(302)
            self.send_header("Location", self.service.authorize(query))
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif url.path == "/tokeninfo":
            self._answer(*self.service.token_info(query))
        else:
            self._answer(404, {})

    def do_POST(self):
        """Tokens."""
        form = _flat(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.service.requests.append(form)
        with suppress(OSError):  # who waited too long has gone
            self._answer(*self.service.token(form))

    def _answer(self, status, content):
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args):
        """Nothing is printed."""


def _id_token(user):
    """Who signed in (RFC 7519), with a signature that nobody looks at."""
    claims = base64.urlsafe_b64encode(json.dumps({"email": user}).encode()).decode().rstrip("=")
    return f"e30.{claims}.signature"


def _flat(query):
    return {name: values[-1] for name, values in parse_qs(query).items()}
