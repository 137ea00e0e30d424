from odoo import models
from odoo.fields import Domain


class MemberMailTab(models.AbstractModel):
    """What an empty tab says of messages that are not shown in it."""

    _inherit = "member.mail.tab"

    def _elsewhere(self, record):
        """Where there are messages of a record that the user can't see here, so that nobody takes an
        empty tab for a contact without emails. Nothing is said of private mailboxes.

        :return: list of sentences
        """
        lines = []
        if companies := self._other_companies(record):
            lines.append(
                self.env._(
                    "There are messages in %s. Switch to that company at the top of the page to see "
                    "them.",
                    ", ".join(companies.mapped("name")),
                )
            )
        if teams := self._other_teams(record):
            lines.append(
                self.env._(
                    "There are messages that only members of a sales team see: %s.",
                    ", ".join(teams.mapped("name")),
                )
            )
        return lines

    def _other_companies(self, record):
        """Those of the user's companies that are not switched on and where they would see messages."""
        others = self.env.user.company_ids - self.env.companies
        if not others:
            return others
        there = record.with_context(allowed_company_ids=others.ids)
        groups = there.env["member.mail.message"]._read_group(
            there._member_mail_domain(), ["company_id"]
        )
        return others.filtered(lambda company: (company,) in groups)

    def _other_teams(self, record):
        """The sales teams whose mailboxes have messages of the record."""
        Message = self.env["member.mail.message"].sudo()
        groups = Message._read_group(
            record._member_mail_domain()
            & Domain("company_id", "in", self.env.companies.ids)
            & Domain("trashed", "=", False)
            & Domain("account_ids.visibility", "=", "team"),
            ["account_ids"],
        )
        accounts = Message.account_ids.union(*(account for (account,) in groups))
        return accounts.filtered(lambda account: account.visibility == "team").team_id
