import logging
import secrets

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, config

from ...mailbox.errors import MailboxError
from ...tools.home_place import PlaceUnusable, place_of
from ...workers.listening.shards import CHANNEL, HOME

_logger = logging.getLogger(__name__)

#: Of the cursor's cache, which Odoo empties with each transaction: that the database is at home. So this
#: is found out once a transaction: when a job begins, and for each connection.
KNOWN = "crm_member_mail.at_home"

#: Likewise: the salt of the database's keys.
SALT = "crm_member_mail.salt"

#: What was logged already in this process: pairs of database and standing.
_logged = set()


class MemberMailHome(models.Model):
    """Where the database is at home: one row, with the token of that place
    (:mod:`...tools.home_place`).

    A copy of the database has the row and not the place, so it leaves the mailboxes alone until an
    administrator says that it is the original. All that talks to servers of an account asks here.
    """

    _name = "member.mail.home"
    _description = "Home of the Database"

    token = fields.Char(readonly=True, groups=fields.NO_ACCESS, copy=False, exportable=False)
    is_copy = fields.Boolean(
        "A copy",
        readonly=True,
        help="An administrator said so: the mailboxes stay switched off, and nobody is asked again.",
    )

    salt = fields.Char(
        readonly=True,
        required=True,
        default=lambda _self: secrets.token_urlsafe(16),
        groups=fields.NO_ACCESS,
        copy=False,
        exportable=False,
        help="What makes the keys of this database its own (tools/secret_box.py).",
    )

    _single_row = models.UniqueIndex("((TRUE))")

    # -- at home or not ----------------------------------------------------------------------------

    @api.model
    def _is_at_home(self):
        """Whether this database may use its mailboxes. Where it may not, the log says why, once a
        process."""
        cache = self.env.cr.cache
        if not cache.get(KNOWN):
            standing = self._standing()
            self._log_standing(standing)
            if standing == "home":
                cache[KNOWN] = True
        return bool(cache.get(KNOWN))

    @api.model
    def _check(self):
        """
        :raises UserError: the database is not at home
        """
        if not self._is_at_home():
            raise UserError(MailboxError("not_at_home").sentence(self.env._))

    @api.model
    def _check_settings(self):
        """The same, for whoever is about to connect.

        :raises MailboxError: the database is not at home
        """
        if not self._is_at_home():
            raise MailboxError("not_at_home")

    @api.model
    def _standing(self):
        """How the database stands: ``home``; ``copy``, as an administrator said; ``lost``, when this
        place has no token, and ``moved``, when it has another one than the database."""
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                "SELECT home.token, home.is_copy, home.salt FROM (SELECT) AS one"
                " LEFT JOIN member_mail_home AS home ON TRUE"
                " WHERE home.id IS NOT NULL OR EXISTS (SELECT FROM member_mail_account)"
            )
        )
        if not rows:
            return "home"  # without accounts there is nothing to switch off
        [(token, is_copy, salt)] = rows
        if salt:
            self.env.cr.cache[SALT] = salt
        if is_copy:
            return "copy"
        found = self._place().token()
        if token and token == found:
            return "home"
        return "moved" if found else "lost"

    @api.model
    def _place(self):
        """The Place of this database."""
        return place_of(config, self.env.cr.dbname)

    @api.model
    def _log_standing(self, standing):
        about = self.env.cr.dbname, standing
        if standing == "home":
            _logged.difference_update({item for item in _logged if item[0] == about[0]})
        elif about not in _logged:
            _logged.add(about)
            words = {"database": about[0], "place": self._place().name}
            _logger.warning(LOGGED[standing], words)

    # -- making a home -------------------------------------------------------------------------------

    @api.model
    def _settle(self):
        """Make this place the home of a database that has none yet: with its first account, or with the
        upgrade to the version that asks.

        :raises UserError: the token can't be written
        """
        # Whoever comes second waits here, and starts over.
        rows = self.env.execute_query(
            SQL(
                "INSERT INTO member_mail_home (is_copy, salt) VALUES (FALSE, %s)"
                " ON CONFLICT DO NOTHING RETURNING id",
                secrets.token_urlsafe(16),
            )
        )
        for (id_,) in rows:
            self.sudo().browse(id_).token = self._kept_token("settle")

    @api.model
    def _kept_token(self, how):
        """The token of this place.

        :param str how: settle or renew
        :raises UserError: it can't be written
        """
        try:
            return getattr(self._place(), how)()
        except PlaceUnusable as error:
            _logger.error("%s", error)
            raise UserError(
                self.env._(
                    "Odoo can't note that this database is the original. A system administrator "
                    "can find out more in the server's log."
                )
            ) from None

    @api.model
    def _salt(self, may_settle=False):
        """What the keys of this database are derived with; '' before it has a home.

        :param bool may_settle: whether this place is made its home then
        :raises UserError: as `_settle`
        """
        cache = self.env.cr.cache
        if not cache.get(SALT):
            if may_settle:
                self._settle()
            rows = self.env.execute_query(SQL("SELECT salt FROM member_mail_home"))
            cache[SALT] = rows[0][0] if rows else ""
        return cache[SALT]

    # -- what administrators see and say -------------------------------------------------------------

    @api.model
    def _brief_standing(self):
        """How the database stands, for anybody.

        :return: dict of ``is_off``, ``is_copy`` (an administrator said so) and ``can_answer``
        """
        standing = self.sudo()._standing()
        return {
            "is_off": standing != "home",
            "is_copy": standing == "copy",
            "can_answer": self._may_answer(),
        }

    @api.model
    def get_standing(self):
        """How the database stands, for whoever may see the accounts.

        :return: as `_brief_standing`, with ``waiting`` (the number of emails that wait to be sent; 0 for
            who may not answer), and ``place``, the path of the file that should be there and is not
            (only for system administrators, else '')
        """
        self.env["member.mail.account"].check_access("read")
        brief = self._brief_standing()
        may_answer = brief["is_off"] and brief["can_answer"]
        is_lost = may_answer and self.sudo()._standing() == "lost"
        knows_server = is_lost and self.env.user.has_group("base.group_system")
        return brief | {
            "waiting": len(self._waiting()) if may_answer else 0,
            "place": self._place().path if knows_server else "",
        }

    @api.model
    def declare_original(self, waiting, is_sent):
        """The answer that this database is the original. Any other one with the same token, at its
        former place, is switched off.

        :param int waiting: the number of waiting emails that the user was shown
        :param bool is_sent: whether they are to be sent; otherwise they are marked as not sent
        :raises AccessError: for anybody but administrators
        :raises UserError: other emails are waiting than the user knows of; or there is no place for the
            token
        """
        self._check_may_answer()
        found = self._waiting()
        if len(found) != waiting:
            raise UserError(
                self.env._(
                    "The number of emails waiting to be sent is now %s. Reload the page and answer "
                    "again.",
                    len(found),
                )
            )
        home = self._answer(is_copy=False)
        if not is_sent:
            found._hold_back()
        self.env["mail.mail"]._plan()
        # Last, and while the row is locked: a file can't be rolled back.
        home.token = home._kept_token("renew")

    @api.model
    def declare_copy(self):
        """The answer that this database is a copy: it is switched off until somebody says otherwise.

        :raises AccessError: for anybody but administrators
        """
        self._check_may_answer()
        self._answer(is_copy=True)

    @api.model
    def _waiting(self):
        """The emails that wait to be sent: `mail.mail` records."""
        return self.env["mail.mail"]._member_mail_waiting()

    @api.model
    def _answer(self, is_copy):
        """Note and log an answer; returns the row, of the superuser, without a token and locked."""
        home = self.sudo().search([], limit=1) or self.sudo().create({})
        home.write({"token": False, "is_copy": is_copy})
        home.flush_recordset()
        self.env.cr.cache.pop(KNOWN, None)
        answer = "a copy" if is_copy else "the original"
        _logger.warning(
            "Database %s: %s (user %s) says that it is %s",
            self.env.cr.dbname, self.env.user.login, self.env.uid, answer,
        )  # fmt: skip
        self.env.cr.execute("SELECT pg_notify(%s, %s)", (CHANNEL, HOME))
        return home

    @api.model
    def _may_answer(self):
        user = self.env.user
        return self.env.su or any(
            map(user.has_group, ("crm_member_mail.group_manager", "base.group_system"))
        )

    @api.model
    def _check_may_answer(self):
        if not self._may_answer():
            raise AccessError(
                self.env._("Only an administrator can say whether this database is the original.")
            )


_WHAT_NOW = (
    "Its email accounts are switched off: nothing is read, sent or deleted. An administrator says "
    "which it is on the page Email Accounts, or with odoo member_mail_home."
)
#: What the log says, once a process.
LOGGED = {
    "copy": (
        "Database %(database)s is a copy, as an administrator said: its email accounts are switched off."
    ),
    "moved": (
        "Database %(database)s is not at home: it has another token than %(place)s, so it is a copy, or "
        f"was moved. {_WHAT_NOW}"
    ),
    "lost": (
        "Database %(database)s is not at home: %(place)s is missing. Either it is a copy, or was moved; "
        "or Odoo's data directory was lost, as in a container without a volume for it: then it will be "
        f"lost again with each start. {_WHAT_NOW}"
    ),
}  # fmt: skip
