from odoo import api, fields, models
from odoo.tools import SQL

#: With more addresses than this, reading all headers again is cheaper than searching.
MANY = 50

#: Stands for the addresses of so many contacts that all headers are to be read again.
EVERYBODY = "*"


class MemberMailLookup(models.Model):
    """An address whose earlier emails are still to be searched for on an account's server."""

    _name = "member.mail.lookup"
    _description = "Search for Earlier Emails"
    _rec_name = "address"

    account_id = fields.Many2one(
        "member.mail.account", "Email account", required=True, ondelete="cascade"
    )
    address = fields.Char(
        required=True, help="In lower case, with the domain in its ASCII form; * for many."
    )

    _account_address_unique = models.Constraint(
        "UNIQUE (account_id, address)", "Odoo is already searching for this address."
    )

    @api.model
    def _ask(self, addresses, companies=None, by_domain=False):
        """Remember to search the servers of all active accounts for earlier emails with these
        addresses, and have the scheduled job run soon. An import of thousands of contacts costs a row
        an account.

        :param addresses: canonical addresses
        :param companies: only the accounts of these `res.company` records
        :param bool by_domain: only the accounts that match companies by domain; ``addresses`` are then
            domains, each with its ``@``
        """
        addresses = sorted(set(addresses))
        if not addresses:
            return
        if len(addresses) > MANY:
            addresses = [EVERYBODY]
        Account = self.env["member.mail.account"]
        Account.flush_model(["active", "company_id", "match_domains"])
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO member_mail_lookup
                            (account_id, address, create_uid, write_uid, create_date, write_date)
                     SELECT account.id, asked.address, %(user)s, %(user)s, %(now)s, %(now)s
                       FROM member_mail_account AS account
                 CROSS JOIN unnest(%(addresses)s) AS asked(address)
                      WHERE account.active AND %(of_companies)s
                        AND (account.match_domains OR NOT %(by_domain)s)
                ON CONFLICT DO NOTHING
                """,
                user=self.env.uid,
                now=self.env.cr.now(),
                addresses=addresses,
                by_domain=by_domain,
                of_companies=SQL("TRUE")
                if companies is None
                else SQL("account.company_id = ANY(%s)", companies.ids),
            )
        )
        if self.env.cr.rowcount:
            self.invalidate_model(flush=False)
            self._trigger_scan()

    @api.model
    def _trigger_scan(self):
        """Have the mailboxes scanned soon; asking again in the same transaction costs nothing."""
        done = self.env.cr.postcommit.data
        if "crm_member_mail.triggered" not in done:
            cron = self.env.ref("crm_member_mail.ir_cron_fetch", raise_if_not_found=False)
            # The trigger comes with a post-commit hook, after which this note is forgotten.
            done["crm_member_mail.triggered"] = bool(cron and cron.sudo()._trigger())
