from collections import defaultdict

from odoo import models

from ..account.visibility import viewers


class MemberMailAccount(models.Model):
    """Who should hear of new emails: the account's followers, and those who are responsible for the
    contacts and leads."""

    _inherit = "member.mail.account"

    def _hearers(self, messages):
        """Who should hear of new emails in this account, and may see them: dict of `res.users` to
        `member.mail.message` records. A constant number of queries.

        :param messages: what somebody wrote to this account, of the superuser
        """
        self.ensure_one()
        mine = self._salespersons(messages)
        followers = self.message_follower_ids.partner_id.user_ids
        heard = {}
        for user in self._viewers(followers.union(*mine)):
            wants = user.member_mail_notify
            if wants == "all" and user in followers:
                heard[user] = messages
            elif wants in ("all", "mine") and user in mine:
                heard[user] = mine[user]
        return heard

    def _viewers(self, users):
        """Those of these users who may see the messages of this account."""
        return viewers(
            self,
            users.filtered(
                lambda user: user.active and user.has_group("crm_member_mail.group_user")
            ),
        )

    def _salespersons(self, messages):
        """The salespersons of the contacts and leads that messages are filed under, and of their
        contacts' open leads: dict of `res.users` to messages."""
        messages._prefetch_told()
        contacts_of = {message: message._filed_in(self, "partner_ids") for message in messages}
        contacts = self.env["res.partner"].union(*contacts_of.values())
        leads = self.env["crm.lead"].sudo().search_fetch(
            [("partner_id", "in", (contacts | contacts.commercial_partner_id).ids),
             ("won_status", "=", "pending"), ("user_id", "!=", False)],
            ["partner_id", "user_id"],
        )  # fmt: skip
        leads_of = leads.grouped("partner_id")
        found = defaultdict(messages.browse)
        for message, people in contacts_of.items():
            people |= people.commercial_partner_id
            # Other leads don't show what was given to one, even if it is filed under them.
            given_to = message.conversation_id.assigned_lead_id
            about = given_to or message._filed_in(self, "lead_ids").union(
                *(leads_of[one] for one in people if one in leads_of)
            )
            users = people.user_id | about.user_id
            for user in users:
                found[user] |= message
        return found
