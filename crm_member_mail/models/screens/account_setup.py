from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...mailbox.discovery import detect
from ...mailbox.errors import MailboxError
from ...mailbox.imap.estimate import count_since
from ..account.member_mail_provider import AUTH_METHODS
from ..account.oauth import PREFIXES
from ..account.server_rules import PORTS, allow_private_hosts, allowed_ports

#: The ways to look for servers, in this order, until one finds them.
LOOK_UPS = [
    ("provider", "Known providers"),
    ("exchangers", "Mail servers of the domain (MX)"),
    ("autoconfig", "Settings published by the provider"),
    ("database", "Mozilla's public database"),
    ("services", "Servers announced by the domain (SRV)"),
    ("guess", "Common server names"),
]

#: Seconds of one step of the first scan; between two of them, the page shows the progress.
SLICE = 3

#: A set-up that nobody continued for this long, and that never connected, is deleted.
ABANDONED = timedelta(days=14)


class MemberMailAccount(models.Model):
    """The set-up wizard: an account whose `setting_up` is true, on three screens.

    The wizard edits the account itself: nothing has to be carried over, a sign-in that leads away from
    Odoo comes back to where it began, and a set-up can be continued at any time.
    """

    _inherit = "member.mail.account"
    # From the beginning: otherwise the account would be tried at once.
    _member_mail_given = frozenset(("setting_up",))

    setting_up = fields.Boolean(
        "Set-up not finished",
        readonly=True,
        copy=False,
        help="Odoo neither scans nor sends from this mailbox until set-up is finished.",
    )
    setup_screen = fields.Selection(
        [("address", "Address"), ("signin", "Sign in"), ("reading", "Emails")],
        "Set-up screen",
        default="address",
        copy=False,
    )
    setup_found = fields.Char(
        "Found", readonly=True, copy=False, help="Where the servers were found."
    )
    setup_source = fields.Selection(LOOK_UPS, "Found by", readonly=True, copy=False)
    setup_by_hand = fields.Boolean(
        "Manual set-up", copy=False, help="The servers are shown so that you can correct them."
    )
    setup_methods = fields.Json("Sign-in methods", compute="_compute_setup_methods")

    @api.depends("provider_id")
    def _compute_setup_methods(self):
        for account in self:
            provider = account.provider_id
            account.setup_methods = [
                method for method, _label in AUTH_METHODS
                if not provider or provider[f"allow_{method}"]
            ]  # fmt: skip

    @api.model
    def _surroundings(self):
        """Where `mailbox.discovery.detect` looks, according to the system parameters."""
        nameservers = (
            self.env["ir.config_parameter"].sudo().get_param("crm_member_mail.nameservers") or ""
        )
        ports = None
        if not allow_private_hosts(self.env):
            ports = frozenset().union(*(allowed_ports(self.env, name) for name in PORTS))
        return detect.Surroundings(
            nameservers=tuple(filter(None, map(str.strip, nameservers.split(",")))),
            allow_private=allow_private_hosts(self.env),
            allowed_ports=ports,
        )

    # -- first screen: the address is in account_setup_address.py; its servers are looked for ----------

    def setup_look_up(self, step):
        """Look for the servers of the account in one way.

        :param str step: the name of one of LOOK_UPS
        :return: dict of ``state`` (found, nothing, or failed: the look-up did not work), ``text`` in
            words, ``details`` (what a server said, or ""), and ``next``: the step that follows, or
            False after the last one
        """
        self.ensure_one()
        self._check_setup()
        names = [name for name, _label in LOOK_UPS]
        following = names[names.index(step) + 1 :]
        details = ""
        try:
            text = getattr(self, f"_look_up_{step}")()
            state = "found" if text else "nothing"
        except MailboxError as error:
            state, text = "failed", error.sentence(self.env._)
            details = error.details(self.env._)
        found = state == "found"
        over = found or not following
        if over:
            self.write({"setup_screen": "signin", "setup_by_hand": not found})
            self.sudo().write({"setup_found": found and text, "setup_source": found and step})
        return {
            "state": state,
            "text": text or "",
            "details": details,
            "next": False if over else following[0],
        }

    def _look_up_provider(self):
        provider = self.env["member.mail.provider"]._find_by_email(self.email)
        return provider and self._take_provider(provider)

    def _look_up_exchangers(self):
        domain = self.email.rpartition("@")[2]
        names = detect.find_exchangers(domain, self._surroundings())
        provider = self.env["member.mail.provider"]._find_by_exchangers(names)
        return provider and self._take_provider(provider)

    def _look_up_autoconfig(self):
        return self._take_finding(detect.find_autoconfig(self.email, self._surroundings()))

    def _look_up_database(self):
        return self._take_finding(detect.find_in_database(self.email, self._surroundings()))

    def _look_up_services(self):
        return self._take_finding(detect.find_services(self.email, self._surroundings()))

    def _look_up_guess(self):
        return self._take_finding(detect.find_by_guess(self.email, self._surroundings()))

    def _take_provider(self, provider):
        """Set the account up for ``provider``; returns what was found, in words."""
        self.write({"provider_id": provider.id, "auth_method": self._preferred_method(provider)})
        return provider.name

    @api.model
    def _preferred_method(self, provider):
        """How accounts of ``provider`` had better sign in: with Google or Microsoft, where it allows
        that and Odoo is registered there."""
        signs_in = [method for method in PREFIXES if provider[f"allow_{method}"]]
        return next(filter(self._may_ask_consent, signs_in), provider.auth_method)

    def _take_finding(self, finding):
        """Set the account up for a `mailbox.discovery.proposals.Proposal`; returns it in words, False
        for none.

        Whoever made the proposal may be a stranger, who gave it a good name. So it is a known
        provider's only if both servers are, and then the provider's settings count.
        """
        if not finding or not finding.imap:
            return False
        hosts = {"imap": finding.imap.host, "smtp": finding.smtp and finding.smtp.host}
        provider = self.env["member.mail.provider"]._find_by_hosts(hosts["imap"], hosts["smtp"])
        if provider:
            return self._take_provider(provider)
        vals = {"provider_id": False, "auth_method": "password"}
        for protocol, server in (("imap", finding.imap), ("smtp", finding.smtp)):
            if server:
                vals |= {
                    f"{protocol}_host": server.host,
                    f"{protocol}_port": server.port,
                    f"{protocol}_encryption": server.encryption,
                    f"{protocol}_login": server.login,
                }
        self.write(vals)
        return ", ".join(dict.fromkeys(filter(None, hosts.values())))

    def action_continue_setup(self):
        """Open the wizard where this account's set-up was left."""
        self.ensure_one()
        self._check_setup()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_member_mail.action_setup")
        return action | {"res_id": self.id}

    def setup_without_looking(self):
        """Go to the second screen, with the servers left to be typed."""
        self.ensure_one()
        self._check_setup()
        self.write({"setup_screen": "signin", "setup_by_hand": True})
        self.sudo().setup_found = False

    # -- second screen: sign in ----------------------------------------------------------------------

    def setup_test(self):
        """Test both servers; if they work, the third screen follows.

        :return: dict of ``imap`` and ``smtp``: None when it works, else a dict of ``text``: what is
            wrong, in words, and ``details``: what the server said, or ""; and ``waits``, true when only
            the incoming server is in the way
        """
        self.ensure_one()
        self._check_setup()
        imap_error, smtp_error = self._test_connection()
        if not imap_error and not smtp_error:
            self.setup_screen = "reading"
        verdict = {
            name: error
            and {"text": error.sentence(self.env._), "details": error.details(self.env._)}
            for name, error in (("imap", imap_error), ("smtp", smtp_error))
        }
        if imap_error and not smtp_error:
            verdict["smtp"] = {"text": self.smtp_test, "details": "", "waits": True}
        return verdict

    def action_setup_read_only(self):
        """Go on without a working outgoing server: emails are read, none are sent."""
        self.ensure_one()
        self._check_setup()
        if self.state != "connected":
            raise UserError(self.env._("The incoming server must work first. Test it."))
        self.setup_screen = "reading"

    def action_setup_back(self):
        """Go back one screen."""
        self.ensure_one()
        self._check_setup()
        self.setup_screen = "address" if self.setup_screen == "signin" else "signin"

    def action_setup_discard(self):
        """Give the set-up up: the account is deleted.

        :return: an action that opens the email accounts, if the set-up's page is left
            (``member_mail_leaves`` in the context)
        """
        self.ensure_one()
        self._check_setup()
        self.unlink()
        if not self.env.context.get("member_mail_leaves"):
            return False
        name = "action_account" if self._may_share() else "action_own_account"
        action = self.env["ir.actions.act_window"]._for_xml_id(f"crm_member_mail.{name}")
        return action | {"target": "main"}

    def action_setup_by_hand(self):
        """Show the servers, so that they can be corrected."""
        self.ensure_one()
        self._check_setup()
        self.setup_by_hand = True

    # -- third screen: what to read, and the first scan ------------------------------------------------

    def setup_estimate(self):
        """How many messages there are on the server for each choice of `history`.

        :return: dict of the choice to a number; empty when the server did not say
        """
        self.ensure_one()
        self._check_own()
        choices = {"30": 30, "90": 90, "365": 365, "all": None}
        try:
            settings = self._server_settings("imap", timeout=10.0)
            paths = self.folder_ids.filtered(lambda f: f.active and not f.missing).mapped("path")
            today = fields.Date.today()
            counts = count_since(settings, paths, list(choices.values()), today)
        except MailboxError:
            return {}
        return {choice: counts[days] for choice, days in choices.items()}

    def action_setup_start(self):
        """Finish the set-up: from now on the mailbox is scanned."""
        self.ensure_one()
        self._check_setup()
        if self.state != "connected":
            raise UserError(self.env._("The incoming server must work first. Test it."))
        self.sudo().setting_up = False
        self._scan_soon()

    def setup_scan(self):
        """Scan for a moment, and say how far it got.

        :return: dict of ``state`` (done, unfinished, busy, error), ``filed``, ``progress`` (per cent),
            ``left`` (in words, or False), ``problem`` (in words, or False) and ``details`` (what the
            server said, or "")
        """
        self.ensure_one()
        self._check_own()
        if self.setting_up:
            raise UserError(self.env._("Set-up is not finished."))
        state = self.sudo()._scan(SLICE)
        self.invalidate_recordset()
        return {
            "state": state,
            "filed": self.message_count,
            "progress": round(self.history_progress),
            "left": self.history_estimate,
            "problem": self.error_message,
            "details": self.error_details or "",
        }

    def _check_own(self):
        """
        :raises AccessError: when the user may not set this account up, which for others' private ones
            nobody may
        """
        self.check_access("write")
        self._others_private()._check_administered({"setting_up": True})

    def _check_setup(self):
        self._check_own()
        if not self.setting_up:
            raise UserError(self.env._("This account is already set up."))

    @api.autovacuum
    def _gc_abandoned_setups(self):
        limit = fields.Datetime.now() - ABANDONED
        self.sudo().with_context(active_test=False).search(
            [("setting_up", "=", True), ("state", "!=", "connected"), ("write_date", "<", limit)]
        ).filtered(lambda account: not account.member_mail_message_ids).unlink()
