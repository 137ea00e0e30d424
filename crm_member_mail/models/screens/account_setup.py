from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...mailbox.discovery import detect
from ...mailbox.errors import MailboxError
from ...mailbox.imap.estimate import count_since
from ...mailbox.mime.addresses import canonical
from ..account.member_mail_provider import AUTH_METHODS
from ..account.server_rules import PORTS, allow_private_hosts, allowed_ports

#: The ways in which servers are looked for, in this order, until one finds them.
LOOK_UPS = [
    ("provider", "Known providers"),
    ("exchangers", "Who receives the domain's mail (MX)"),
    ("autoconfig", "Settings that the provider publishes"),
    ("database", "Mozilla's public database"),
    ("services", "What the domain announces (SRV)"),
    ("guess", "Usual server names, tried"),
]

#: Seconds of one step of the first scan, between two of which the page shows how far it is.
SLICE = 3

#: An account whose set-up nobody went on with for so long, and that never connected, goes.
ABANDONED = timedelta(days=14)


class MemberMailAccount(models.Model):
    """The set-up wizard: an account whose `setting_up` is true, on three screens.

    The account itself is what the wizard edits, so that nothing has to be carried over, a sign-in that
    leads away from Odoo comes back to where it began, and a set-up can be gone on with any time.
    """

    _inherit = "member.mail.account"

    setting_up = fields.Boolean(
        readonly=True,
        copy=False,
        help="The set-up is not finished: the mailbox is neither read nor sent from until it is.",
    )
    setup_screen = fields.Selection(
        [("address", "Address"), ("signin", "Sign in"), ("reading", "Reading")],
        default="address",
        copy=False,
    )
    setup_found = fields.Char(
        "Found", readonly=True, copy=False, help="Where the servers were found, in words."
    )
    setup_source = fields.Selection(LOOK_UPS, "Found by", readonly=True, copy=False)
    setup_by_hand = fields.Boolean(copy=False, help="The servers are shown, to be corrected.")
    setup_methods = fields.Json(compute="_compute_setup_methods")

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
        """Where `mailbox.detect` looks, as the system parameters say."""
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

    # -- first screen: the address, and what belongs to it -----------------------------------------

    @api.model
    def setup_begin(self, email, account_id=False):
        """Make the account of ``email``, or give that which is being set up another address. A set-up
        of the same address that somebody left is gone on with.

        :param int account_id: the account that the wizard is at, or False
        :return: the account's id
        :raises UserError: that is no email address, or there is such an account already
        """
        address = canonical(email or "")
        if not address:
            raise UserError(
                self.env._("%s is not an email address. Write it like name@example.com.", email)
            )
        account = self.browse(account_id or ())
        same = self.with_context(active_test=False).search([("email", "=ilike", address)]) - account
        if len(same) == 1 and same.setting_up and not same._others_private():
            account = same
        elif same:
            raise UserError(
                self.env._(
                    "There is an account of %s already: open it among Email Accounts.", address
                )
            )
        vals = {"email": address, "setup_screen": "address", "setup_found": False}
        if account:
            account._check_setup()
            if account.email != address:
                # What was found for another address is not kept: it could send a password there.
                account.write(vals | {"provider_id": False, "imap_host": False, "smtp_host": False})
        else:
            account = self.create(vals | {"name": self._setup_name()})
            account.sudo().setting_up = True
        return account.id

    @api.model
    def _setup_name(self):
        return self.env.company.name if self._may_share() else self.env.user.name

    def setup_look_up(self, step):
        """Look for the servers of the account in one way.

        :param str step: the name of one of LOOK_UPS
        :return: dict of ``state`` (found, nothing, or failed: it could not be found out), ``text`` in
            words, and ``next``: the step that follows, or False when the looking is over
        """
        self.ensure_one()
        self._check_setup()
        names = [name for name, _label in LOOK_UPS]
        following = names[names.index(step) + 1 :]
        try:
            text = getattr(self, f"_look_up_{step}")()
            state = "found" if text else "nothing"
        except MailboxError as error:
            state, text = "failed", self._setup_error(error)
        found = state == "found"
        over = found or not following
        if over:
            self.write(
                {"setup_screen": "signin", "setup_by_hand": not found,
                 "setup_found": found and text, "setup_source": found and step}
            )  # fmt: skip
        return {"state": state, "text": text or "", "next": False if over else following[0]}

    def _setup_error(self, error):
        """A MailboxError in words."""
        return error.in_words(self.env._)

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
        self.write({"provider_id": provider.id})
        return provider.name

    def _take_finding(self, finding):
        """Set the account up for a `mailbox.detect.Proposal`; returns it in words, False for none."""
        if not finding or not finding.imap:
            return False
        provider = self.env["member.mail.provider"].search(
            [("imap_host", "=ilike", finding.imap.host)], limit=1
        )
        vals = {"provider_id": provider.id, "auth_method": provider.auth_method or "password"}
        for protocol, server in (("imap", finding.imap), ("smtp", finding.smtp)):
            if server:
                vals |= {
                    f"{protocol}_host": server.host,
                    f"{protocol}_port": server.port,
                    f"{protocol}_encryption": server.encryption,
                    f"{protocol}_login": server.login,
                }
        self.write(vals)
        return provider.name or finding.name or finding.imap.host

    def action_continue_setup(self):
        """Open the wizard where this account's set-up was left."""
        self.ensure_one()
        self._check_setup()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_member_mail.action_setup")
        return action | {"res_id": self.id}

    def setup_without_looking(self):
        """To the second screen with the servers left to be typed."""
        self.ensure_one()
        self._check_setup()
        self.write({"setup_screen": "signin", "setup_found": False, "setup_by_hand": True})

    # -- second screen: sign in ----------------------------------------------------------------------

    def setup_test(self):
        """Try both servers; with success the third screen follows.

        :return: dict of ``imap`` and ``smtp``: None when it works, else what is wrong, in words
        """
        self.ensure_one()
        self._check_setup()
        imap_error, smtp_error = self._test_connection()
        if not imap_error and not smtp_error:
            self.setup_screen = "reading"
        return {
            "imap": self.imap_test if imap_error else None,
            "smtp": self.smtp_test if smtp_error else None,
        }

    def action_setup_read_only(self):
        """Go on without an outgoing server that works: mail is read, none is sent."""
        self.ensure_one()
        self._check_setup()
        if self.state != "connected":
            raise UserError(self.env._("The incoming server has to work first: test it."))
        self.setup_screen = "reading"

    def action_setup_back(self):
        """To the screen before."""
        self.ensure_one()
        self._check_setup()
        self.setup_screen = "address" if self.setup_screen == "signin" else "signin"

    def action_setup_by_hand(self):
        """Show the servers, to be corrected."""
        self.ensure_one()
        self._check_setup()
        self.setup_by_hand = True

    # -- third screen: what is read, and the first scan ------------------------------------------------

    def setup_estimate(self):
        """How many messages there are on the server for each choice of `history`.

        :return: dict of the choice to a number; empty when the server did not tell
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
        """The set-up is over: the mailbox is read from now on."""
        self.ensure_one()
        self._check_setup()
        if self.state != "connected":
            raise UserError(self.env._("The incoming server has to work first: test it."))
        self.sudo().setting_up = False
        self.env.ref("crm_member_mail.ir_cron_fetch").sudo()._trigger()

    def setup_scan(self):
        """Read on for a moment, and say how far it is.

        :return: dict of ``state`` (done, unfinished, busy, error), ``filed``, ``progress`` (per cent),
            ``left`` (in words, or False) and ``problem`` (in words, or False)
        """
        self.ensure_one()
        self._check_own()
        if self.setting_up:
            raise UserError(self.env._("The set-up is not finished."))
        state = self.sudo()._scan(SLICE)
        self.invalidate_recordset()
        return {
            "state": state,
            "filed": self.message_count,
            "progress": round(self.history_progress),
            "left": self.history_estimate,
            "problem": self.error_message,
        }

    def _check_own(self):
        """
        :raises AccessError: when the user may not set this account up, which nobody may for others'
            private ones
        """
        self.check_access("write")
        self._others_private()._check_administered({"setting_up": True})

    def _check_setup(self):
        self._check_own()
        if not self.setting_up:
            raise UserError(self.env._("The set-up of this account is finished already."))

    @api.autovacuum
    def _gc_abandoned_setups(self):
        limit = fields.Datetime.now() - ABANDONED
        self.sudo().with_context(active_test=False).search(
            [("setting_up", "=", True), ("state", "!=", "connected"), ("write_date", "<", limit)]
        ).filtered(lambda account: not account.member_mail_message_ids).unlink()
