"""A client of Odoo's RPC that keeps every answer."""

import json
import urllib.error
import urllib.request
import xmlrpc.client
from http.cookiejar import CookieJar

from ..patience import at_most

#: Seconds that a request may take.
PATIENCE = 120


class RpcError(Exception):
    """Odoo answered with an error: its text."""


class Client:
    """A session of Odoo.

    :ivar list answers: the bytes of all answers, errors with their tracebacks too
    """

    def __init__(self, url, database, login="admin", password="admin"):
        self.url, self.database = url, database
        self.answers = []
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        session = self.post(
            "/web/session/authenticate", {"db": database, "login": login, "password": password}
        )
        self.uid, self._password = session["uid"], password

    def get(self, path):
        """The answer of a page, bytes."""
        return self.get_address(self.url + path)

    def get_address(self, address):
        """The answer of a page, maybe of another server's, bytes; follows where it leads to."""
        return self._open(urllib.request.Request(address))

    def post(self, path, params):
        """The result of a JSON-RPC request.

        :raises RpcError: Odoo's error
        """
        body = json.dumps({"params": params}).encode()
        headers = {"Content-Type": "application/json"}
        answer = json.loads(self._open(urllib.request.Request(self.url + path, body, headers)))
        if "error" in answer:
            raise RpcError(answer["error"]["data"]["message"])
        return answer.get("result")

    def call(self, model, method, *args, **kwargs):
        """The result of a method, called as the web client does.

        :raises RpcError: Odoo's error
        """
        params = {"model": model, "method": method, "args": args, "kwargs": kwargs}
        return self.post(f"/web/dataset/call_kw/{model}/{method}", params)

    def execute(self, model, method, *args):
        """The result of a method, called over the external API.

        :raises xmlrpc.client.Fault: Odoo's error
        """
        answers = self.answers

        class Transport(xmlrpc.client.Transport):
            def parse_response(self, response):
                data = response.read()
                answers.append(data)
                parser, unmarshaller = self.getparser()
                parser.feed(data)
                parser.close()
                return unmarshaller.close()

        proxy = xmlrpc.client.ServerProxy(
            f"{self.url}/xmlrpc/2/object", transport=Transport(), allow_none=True
        )
        return proxy.execute_kw(self.database, self.uid, self._password, model, method, list(args))

    def run_job(self, name):
        """Run the scheduled job of an external id of ours now."""
        [data] = self.call(
            "ir.model.data", "search_read", [("name", "=", name)], ["res_id"], limit=1
        )
        return self.call("ir.cron", "method_direct_trigger", [data["res_id"]])

    def _open(self, request):
        try:
            with self._opener.open(request, timeout=at_most(PATIENCE)) as answer:
                data = answer.read()
        except urllib.error.HTTPError as error:
            data = error.read()
        self.answers.append(data)
        return data
