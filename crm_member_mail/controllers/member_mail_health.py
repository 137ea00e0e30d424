import hmac

from odoo import SUPERUSER_ID, http
from odoo.http import request

#: The system parameter with the token that a monitor has to send.
PARAMETER = "crm_member_mail.health_token"

#: The text format of Prometheus.
PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"

#: The metrics of an account: pairs of what they are called in the report and their description.
GAUGES = {
    "last_scan_age": "Seconds since the mailbox was last scanned to the end.",
    "behind": "New emails that have not been read yet.",
    "unsent": "Emails that did not reach a recipient, or may not have.",
    "quarantined": "Emails that could not be filed.",
}


class MemberMailHealthController(http.Controller):
    @http.route(
        "/crm_member_mail/health",
        type="http",
        auth="none",
        methods=["GET"],
        save_session=False,
        readonly=False,  # a replica doesn't know the locks of listeners
    )
    def health(self, token="", addresses="", format="json"):  # pylint: disable=redefined-builtin
        """How the mailboxes are doing, for a program that watches over Odoo.

        The token is in the header ``Authorization: Bearer …``, or in the query for monitors that can't
        send headers.

        :param str addresses: ``1``: accounts are named by their addresses as well
        :param str format: ``prometheus``: as :meth:`metrics`
        :return: JSON, as `_monitor` of the accounts says; with the status 200, or 503 if there is a
            problem. 404 where no token is set, 403 for a wrong one.
        """
        if format == "prometheus":
            return self.metrics(token, addresses)
        report, refusal = self._report(token, addresses)
        if refusal:
            return refusal
        return request.make_json_response(
            report, [("Cache-Control", "no-store")], status=200 if report["ok"] else 503
        )

    @http.route(
        "/crm_member_mail/metrics",
        type="http",
        auth="none",
        methods=["GET"],
        save_session=False,
        readonly=False,  # as above
    )
    def metrics(self, token="", addresses=""):
        """The same in the text format of Prometheus, always with the status 200: what is wrong is in the
        metrics."""
        report, refusal = self._report(token, addresses)
        return refusal or request.make_response(
            exposition(report), [("Content-Type", PROMETHEUS), ("Cache-Control", "no-store")]
        )

    def _report(self, token, addresses):
        """The report, or the answer to those who may not have it: a pair, one of which is None."""
        env = request.env(user=SUPERUSER_ID)
        wanted = (env["ir.config_parameter"].get_param(PARAMETER) or "").strip()
        if not wanted:
            raise request.not_found()
        scheme, _blank, given = request.httprequest.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            given = token
        if not hmac.compare_digest(given.strip().encode(), wanted.encode()):
            return None, request.make_response("", [("Cache-Control", "no-store")], status=403)
        return env["member.mail.account"]._monitor(with_addresses=addresses == "1"), None


def exposition(report):
    """A report of `_monitor` as Prometheus reads it."""
    lines = []

    def add(name, description, samples):
        name = f"crm_member_mail_{name}"
        lines.extend((f"# HELP {name} {description}", f"# TYPE {name} gauge"))
        for labels, value in samples:
            shown = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
            lines.append(f"{name}{{{shown}}} {value}" if shown else f"{name} {value}")

    def each(accounts, value):
        for account in accounts:
            labels = {"account": account["id"]}
            if "address" in account:
                labels["address"] = account["address"]
            yield labels, value(account)

    accounts = report["accounts"]
    add("ok", "Whether there are no problems.", [({}, int(report["ok"]))])
    add("listening", "Whether a listener is running.", [({}, int(report["listening"]))])
    add(
        "account_up",
        "Whether the last connection to the incoming server worked.",
        each(accounts, lambda account: int(account["state"] == "connected")),
    )
    add(
        "account_sending_up",
        "Whether emails can be sent, as far as is known.",
        each(accounts, lambda account: int(account["sending"] != "error")),
    )
    for name, description in GAUGES.items():
        known = [account for account in accounts if account[name] is not None]
        suffix = "_seconds" if name == "last_scan_age" else ""
        add(f"account_{name}{suffix}", description, each(known, lambda a, name=name: a[name]))
    add(
        "problem",
        "What is wrong; nothing, where there is no sample.",
        [
            ({key: text for key, text in problem.items() if key != "count" and text != ""}, 1)
            for problem in report["problems"]
        ],
    )
    return "\n".join(lines) + "\n"


def _escaped(text):
    """A label's value (text format 0.0.4)."""
    return str(text).replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
