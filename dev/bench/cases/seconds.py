"""How soon an email is in an open tab of somebody else, once it has been delivered; and what it costs to
wait for mail in many mailboxes (:mod:`dev.bench.waiting`).

A real Odoo with a listener beside it, real connections to a real mail server, and a page of another
user, which hears of the new message by its websocket and then reads the tab.
"""

import contextlib
import http.cookiejar
import json
import queue
import random
import shutil
import statistics
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

import websocket

from dev import post
from dev.bench import waiting
from dev.bench.setting import DATABASE, LOG, PASSWORD, far_hosts
from dev.project import OdooServer, free_port, step
from dev.servers.cyrus import Cyrus
from dev.servers.latency import FarAway

#: Mailboxes that mail is delivered to, and emails a second.
MAILBOXES, RATE = 50, 2.5
#: Milliseconds that an answer takes from the far server.
FAR = 200
#: The contact who writes, and the user who looks.
WRITER, READER = "seconds@bench.example", "admin"
#: Seconds after which an email counts as lost.
LOST = 60

LETTER = (
    "From: Ada <{writer}>\r\nTo: {user}\r\nSubject: Number {number}\r\n"
    "Message-ID: <{number}.{run}@bench.example>\r\nDate: {date}\r\n\r\nHello.\r\n"
)


def run(setting):
    """Seconds from delivery to the tab, near and far; what a listener with many mailboxes needs."""
    users = [f"soon{number}@bench.example" for number in range(MAILBOXES)]
    for user in users:
        setting.dovecot.add_user(user, PASSWORD)
        setting.dovecot.wipe(user)
    figures = {"deliveries": setting.sizes["deliveries"], "mailboxes": MAILBOXES}
    near = [setting.server(user) for user in users]
    figures |= _measured(setting, setting.dovecot, near, "near")
    target = "127.0.0.1", setting.dovecot.tls_port
    with FarAway(target, far_hosts(1), FAR / 2000) as far:
        servers = [
            setting.server(user, imap_host=far.hosts[0], imap_port=far.port) for user in users
        ]
        figures |= _measured(setting, setting.dovecot, servers, "far")
    with _cyrus(setting) as cyrus:
        for user in users:
            cyrus.add_user(user, PASSWORD)
        servers = [setting.server(user, imap_port=cyrus.tls_port) for user in users]
        figures |= _measured(setting, cyrus, servers, "cyrus")
    return figures | waiting.run(setting, __name__)


@contextlib.contextmanager
def _cyrus(setting):
    """A running Cyrus, trusted like Dovecot."""
    with tempfile.TemporaryDirectory(prefix="cyrus") as folder:
        root = Path(folder)
        root.chmod(0o755)
        for name in ("ca.pem", "server.pem", "server.key"):
            shutil.copy(setting.dovecot.root / name, root)
        with Cyrus(root) as cyrus:
            yield cyrus


def _measured(setting, mail_server, servers, name):
    setting.fresh_database()
    partner = setting.inside_odoo(__name__, {"servers": servers})
    users = [server["email"] for server in servers]
    with (
        OdooServer(
            DATABASE, free_port(8300), LOG, *waiting.OPTIONS, environment=setting.environment
        ) as odoo,
        _Page(odoo.url, partner) as page,
    ):
        waiting.until(setting, len(users), LOST * 2)
        with step(f"Delivering {setting.sizes['deliveries']} emails ({name})"):
            took = _deliver(setting, mail_server, users, page)
    arrived = sorted(seconds for seconds in took if seconds is not None)
    return {
        f"{name}_median": statistics.median(arrived),
        f"{name}_p95": arrived[int(len(arrived) * 0.95)],
        f"{name}_p99": arrived[int(len(arrived) * 0.99)],
        f"{name}_lost": len(took) - len(arrived),
    }


def _deliver(setting, mail_server, users, page):
    """Deliver emails at random to the mailboxes: seconds until each was in the tab, or None."""
    chance = random.Random(53)
    count, run = setting.sizes["deliveries"], time.time_ns()
    with contextlib.ExitStack() as stack:
        clients = {user: stack.enter_context(post.mailbox(mail_server, user)) for user in users}
        for number in range(count):
            time.sleep(chance.expovariate(RATE))
            user = chance.choice(users)
            letter = LETTER.format(
                writer=WRITER, user=user, number=number, run=run,
                date=time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime()),
            )  # fmt: skip
            page.expect(f"Number {number}")
            clients[user].append("INBOX", letter.encode())
        return page.times(count)


class _Page:
    """An open Messages tab of a contact, as a browser has it; a context manager."""

    def __init__(self, url, partner):
        self.url, self.partner = url, partner
        self._open = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        )
        self._began, self._took = {}, {}
        self._changed = threading.Condition()
        self._news = queue.SimpleQueue()

    def __enter__(self):
        answer = self._post(
            "/web/session/authenticate", db=DATABASE, login=READER, password=READER, whole=True
        )
        cookie = answer.headers["Set-Cookie"].partition(";")[0]
        with self._open.open(f"{self.url}/odoo", timeout=60) as page:
            version = page.read().decode().partition('"websocket_worker_version": "')[2]
        version = version.partition('"')[0]
        address = self.url.replace("http", "ws") + f"/websocket?version={version}"
        self._socket = websocket.create_connection(
            address, cookie=cookie, origin=self.url, timeout=None
        )
        subscribe = {"event_name": "subscribe", "data": {"channels": [], "last": 0}}
        self._socket.send(json.dumps(subscribe))
        for target in (self._listen, self._look):
            threading.Thread(target=target, daemon=True).start()
        return self

    def __exit__(self, *_error):
        self._socket.close()

    def expect(self, subject):
        """This email is about to be delivered."""
        with self._changed:
            self._began[subject] = time.monotonic()

    def times(self, count):
        """Seconds that each took, or None, when all are there or lost."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._took) == count, LOST)
            return [self._took.get(subject) for subject in self._began]

    def _listen(self):
        with contextlib.suppress(websocket.WebSocketException, OSError):
            while frame := self._socket.recv():
                for each in json.loads(frame):
                    message = each["message"]
                    if message["type"] == "crm_member_mail.messages":
                        self._news.put(message["payload"])

    def _look(self):
        while payload := self._news.get():
            if self.partner not in payload["partner_ids"]:
                continue
            while not self._news.empty():
                self._news.get()
            found = self._post(
                "/web/dataset/call_kw/member.mail.tab/get_page", model="member.mail.tab",
                method="get_page", args=["res.partner", self.partner], kwargs={},
            )  # fmt: skip
            text = json.dumps(found)
            now = time.monotonic()
            with self._changed:
                for subject, began in self._began.items():
                    if subject not in self._took and f'"{subject}"' in text:
                        self._took[subject] = now - began
                self._changed.notify_all()

    def _post(self, path, whole=False, **params):
        request = urllib.request.Request(
            f"{self.url}{path}",
            json.dumps({"jsonrpc": "2.0", "method": "call", "params": params}).encode(),
            {"Content-Type": "application/json"},
        )
        with self._open.open(request, timeout=60) as answer:
            result = json.load(answer)
            if "error" in result:
                raise RuntimeError(result["error"]["data"]["debug"])
            return answer if whole else result["result"]


def main(env, request):
    """Inside Odoo: accounts that were read, and a contact; returns the contact's id."""
    from dev.bench.cases.accounts import make_read_accounts

    partner = env["res.partner"].create({"name": "Ada", "email": WRITER})
    make_read_accounts(env, request["servers"])
    # So that nothing else happens while it is measured.
    env.ref("crm_member_mail.ir_cron_fetch").nextcall = "2099-01-01 00:00:00"
    env["ir.cron"].search([("id", "not in", _ours(env))]).active = False
    env.cr.commit()
    return partner.id


def _ours(env):
    names = ("ir_cron_fetch", "ir_cron_fetch_wanted", "ir_cron_send")
    return [env.ref(f"crm_member_mail.{name}").id for name in names]
