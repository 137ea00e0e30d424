from typing import NamedTuple

from odoo import api, fields, models

from .secrets import SEALED_FIELDS, SEALED_IN
from .server_rules import comparable_host

#: What decides where a secret goes: whatever writes one of these may take a secret elsewhere.
PLACE_FIELDS = {
    "email", "provider_id",
    "imap_host", "imap_port", "imap_encryption", "imap_login",
    "smtp_host", "smtp_port", "smtp_encryption", "smtp_login",
    *SEALED_FIELDS,
}  # fmt: skip


class Place(NamedTuple):
    """Where a secret goes, and whom it is told for.

    ``host`` is a server's name in one form. ``in_clear``: others can read along; then ``port`` counts,
    too, else it is 0: a certificate shows that it is the same server, and without one anybody on that
    machine may listen at another port. ``login`` is the user. ``address`` is that of the mailbox for a
    token, which is bound to it, else ''.
    """

    host: str
    port: int
    in_clear: bool
    login: str
    address: str = ""

    def is_among(self, places):
        """Whether ``places`` has this one, or the same with worse protection."""
        if self.in_clear:
            return self in places
        return self in {place._replace(port=0, in_clear=False) for place in places}


class MemberMailAccount(models.Model):
    """Where the secrets of an account may go.

    Each is stored with the places that it was entered for. It goes nowhere else, whoever changed the
    account in which way: it is asked for again.
    """

    _inherit = "member.mail.account"

    #: Dict of the sealed column to the list of its places. What was forgotten because the account
    #: changed stays here, so that the form can say why it asks again.
    secret_places = fields.Json(
        "Places of secrets", groups=fields.NO_ACCESS, copy=False, exportable=False
    )
    imap_password_again = fields.Boolean(
        "Enter incoming password again", compute="_compute_password_again", compute_sudo=True
    )
    smtp_password_again = fields.Boolean(
        "Enter outgoing password again", compute="_compute_password_again", compute_sudo=True
    )

    def _login_at(self, protocol):
        """The name of the user at the ``imap`` or ``smtp`` server."""
        return self[f"{protocol}_login"] or self.imap_login or self.email

    def _place(self, protocol, name):
        """The Place at the ``imap`` or ``smtp`` server of the secret in the column ``name``; None if
        there is no server."""
        host = comparable_host(self[f"{protocol}_host"])
        if not host:
            return None
        in_clear = self[f"{protocol}_encryption"] == "none"
        return Place(
            host,
            in_clear and self[f"{protocol}_port"] or 0,
            in_clear,
            self._login_at(protocol) or "",
            "" if name in SEALED_IN.values() else self.email or "",
        )

    def _goes_to(self, name):
        """Where the secret in the column ``name`` goes when it is used: set of Place."""
        self.ensure_one()
        if name == "smtp_secret":
            protocols = ["smtp"]
        elif name == "imap_secret" and self.smtp_secret:
            protocols = ["imap"]
        else:
            protocols = ["imap", "smtp"]
        return {self._place(protocol, name) for protocol in protocols} - {None}

    def _entered_for(self, name):
        """The places that the secret in the column ``name`` was entered for: set of Place."""
        return {Place(*place) for place in (self.secret_places or {}).get(name, ())}

    def _may_go(self, name, protocol):
        """Whether the secret in the column ``name`` may be told to the ``imap`` or ``smtp`` server."""
        place = self._place(protocol, name)
        return bool(place) and place.is_among(self._entered_for(name))

    # -- after each write ----------------------------------------------------------------------------

    def _with_places(self, names):
        """What to store in `secret_places` when the secrets in these columns are entered now."""
        places = dict(self.secret_places or {})
        for name in names:
            places[name] = sorted(map(list, self._goes_to(name)))
        return places

    def _settle_secrets(self, vals, entered):
        """After a write: note what was entered for where, and forget what may not go where it would go
        now. Otherwise whoever may set up an account could have a server of their own told the password
        that somebody entered for another one.

        :param dict vals: what was written
        :param dict entered: the passwords that were written with it, sealed, by column
        """
        if not entered and PLACE_FIELDS.isdisjoint(vals):
            return
        for account in self.sudo():
            if settled := account._settled(entered):
                account.write(settled)

    def _settled(self, entered):
        places = self._with_places(name for name in entered if self[name])
        for name in entered:
            if not self[name]:
                places.pop(name, None)
        if "imap_secret" in entered and not self.smtp_secret:
            # It was entered for both servers.
            places.pop("smtp_secret", None)
        vals = {} if places == (self.secret_places or {}) else {"secret_places": places}
        for name in SEALED_FIELDS:
            if self[name] and name not in entered and self._is_lost(name):
                vals[name] = False
                if name not in SEALED_IN.values():
                    vals["signed_in_as"] = False
        return vals

    def _is_lost(self, name):
        """Whether the secret in the column ``name`` would go where it may not."""
        going = self._goes_to(name)
        if name == "imap_secret":
            # That it may not go to the outgoing server as well is no reason to forget it.
            going = {self._place("imap", name)} - {None}
        entered_for = self._entered_for(name)
        return not all(place.is_among(entered_for) for place in going)

    @api.depends(
        "email", "secret_places",
        "imap_host", "imap_port", "imap_encryption", "imap_login", "imap_password", "imap_secret",
        "smtp_host", "smtp_port", "smtp_encryption", "smtp_login", "smtp_password", "smtp_secret",
    )  # fmt: skip
    def _compute_password_again(self):
        for account in self:
            typed = {SEALED_IN[name] for name in SEALED_IN if account[name]}
            own = "smtp_secret" if "smtp_secret" in (account.secret_places or {}) else "imap_secret"
            account.imap_password_again = account._asks_again("imap", "imap_secret", typed)
            account.smtp_password_again = account._asks_again("smtp", own, typed)

    def _asks_again(self, protocol, name, typed):
        """Whether a server needs a password again that was entered once.

        :param name: the column that it was in
        :param typed: the columns of what the form has now
        """
        if not self[f"{protocol}_host"] or name not in (self.secret_places or {}):
            return False
        if {name, f"{protocol}_secret"} & typed:
            return False
        if name == "imap_secret" and protocol == "smtp":
            return bool(self[name]) and not self._may_go(name, protocol)
        return not self[name] or not self._may_go(name, protocol)
