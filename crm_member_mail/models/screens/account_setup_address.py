from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import escape_psql

from ...mailbox.discovery.misspelt import did_you_mean
from ...mailbox.mime.addresses import canonical

#: What an account begins with, whatever was found or chosen for the address that it had before: that
#: could send a password elsewhere.
ANEW = {
    "provider_id": False, "auth_method": "password", "setup_by_hand": False,
    "imap_host": False, "imap_port": 993, "imap_encryption": "ssl", "imap_password": False,
    "smtp_host": False, "smtp_port": 465, "smtp_encryption": "ssl", "smtp_password": False,
}  # fmt: skip

#: What the set-up, the servers and the service said about the address before.
FORGOTTEN = {
    "setup_found": False, "setup_source": False, "sign_in_problem": False, "signed_in_as": False
}  # fmt: skip

#: Names of mailboxes that are the whole company's.
GENERAL = frozenset(
    (
        "all", "bonjour", "buero", "club", "company", "contact", "contacto", "email", "firma", "general",
        "hallo", "hello", "hi", "hola", "info", "kontakt", "mail", "office", "oficina", "post", "team",
        "welcome",
    )
)  # fmt: skip


class MemberMailAccount(models.Model):
    """The first screen of the set-up: the address, and what follows from it alone."""

    _inherit = "member.mail.account"

    @api.model
    def setup_begin(self, email, account_id=False):
        """Create the account of ``email``, or give the one that is being set up another address. An
        unfinished set-up of the same address is continued.

        :param int account_id: the account that the wizard is at, or False
        :return: the account's id
        :raises UserError: it is no email address, or there already is such an account
        """
        address = self._setup_address(email)
        account = self.browse(account_id or ())
        same = self.with_context(active_test=False)
        same = same.search([("email", "=ilike", escape_psql(address))]) - account
        if len(same) == 1 and same.setting_up and not same._others_private():
            account = same
        elif same:
            raise UserError(same._setup_taken(account.company_id or self.env.company))
        vals = {"email": address, "setup_screen": "address"}
        if account:
            account._check_setup()
            if account.email != address:
                if account.name == account._setup_name(account.email):
                    vals["name"] = account._setup_name(address)
                account.write(vals | ANEW)
                account.sudo().write(FORGOTTEN)
        else:
            account = self.create(vals | {"name": self._setup_name(address), "setting_up": True})
        return account.id

    def _setup_taken(self, company):
        """Why another account of the same address is not set up in ``company``, and what to do: str."""
        address = self[:1].email
        if company not in self.company_id:
            return self.env._(
                "There is already an account for %(address)s in %(company)s. To file its emails in "
                "%(here)s as well, switch to that company alone.",
                address=address,
                company=self[:1].company_id.name,
                here=company.name,
            )
        if not any(self.mapped("active")):
            return self.env._(
                "There is already an archived account for %s. Under Email Accounts, choose the filter "
                "Archived, open it, and unarchive it.",
                address,
            )
        return self.env._(
            "There is already an account for %s. Open it under Email Accounts.", address
        )

    @api.model
    def _setup_address(self, email):
        """
        :return: the canonical form of what somebody typed
        :raises UserError: it is no email address
        """
        address = canonical(email or "")
        if not address:
            raise UserError(
                self.env._("%s is not an email address. Enter it like name@example.com.", email)
            )
        name, dot, ending = address.rpartition("@")[2].rpartition(".")
        if not (name and dot and len(ending) > 1):
            raise UserError(
                self.env._(
                    "%s is not a complete email address. Enter it like name@example.com.", email
                )
            )
        return address

    @api.model
    def setup_meant(self, email):
        """The address that somebody probably meant: there is a slip in the domain of a provider.

        :return: an email address; False if there is nothing to ask
        """
        local, _at, domain = canonical(email or "").rpartition("@")
        providers = self.env["member.mail.provider"].search([("domains", "!=", False)])
        known = [name for provider in providers for name in provider.domains.lower().split()]
        meant = local and did_you_mean(domain, known)
        return f"{local}@{meant}" if meant else False

    @api.model
    def _setup_name(self, address):
        """The name that recipients are to see beside an address: a user's for a mailbox of their own; a
        person's where the address has a first and a last name; else the company's, with the name of the
        mailbox where it is a department's, or where the company has another mailbox of that name.
        """
        visibility = self.visibility or self.env.context.get("default_visibility")
        if visibility == "private" or not self._may_share():
            return self.env.user.name
        if user := self.env["res.users"].search([("email_normalized", "=", address)], limit=1):
            return user.name
        local = address.partition("@")[0].partition("+")[0]
        words = [word for word in local.replace("_", ".").split(".") if word]
        if len(words) == 2 and all(len(word) > 1 and word.isalpha() for word in words):
            return " ".join(word.capitalize() for word in words)
        company = self.env.company
        if "".join(words).lower() == "".join(filter(str.isalnum, company.name.lower())):
            return company.name  # its mailbox elsewhere: harbourclub@gmail.com
        named = [("company_id", "=", company.id), ("name", "=", company.name)]
        is_taken = self.with_context(active_test=False).search_count(
            [*named, ("id", "not in", self.ids)], limit=1
        )
        is_department = local.isalpha() and local.lower() not in GENERAL
        if not is_department and not is_taken:
            return company.name
        return f"{company.name} {' '.join(word.capitalize() for word in words)}"
