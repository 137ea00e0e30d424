"""Whose messages a user may see: the rule that everything else asks."""

from odoo import SUPERUSER_ID
from odoo.fields import Domain
from odoo.tools import SQL

#: In the context of searches for few messages: those of contacts and leads, or of a recent period.
OF_RECORD = "member_mail_of_record"


def visible_accounts(env):
    """The domain of the mailboxes whose messages the user of ``env`` may see, within their companies.

    Not the same as the mailboxes they may set up: administrators set up all of them.
    """
    user_id = env.user.id
    return Domain("company_id", "in", [*env(su=False).companies.ids, False]) & (
        Domain("visibility", "=", "shared")
        | Domain("user_id", "=", user_id)
        | (Domain("visibility", "=", "team") & Domain("team_id.member_ids", "in", [user_id]))
    )


def visible_account_ids(env):
    """The ids of these mailboxes: tuple. They are looked up once in a transaction, and anew when the
    ORM writes what they depend on."""
    user = env.user.with_context(active_test=False)
    return user.member_mail_visible_account_ids._ids


def visible_accounts_sql(env):
    """The same as a list for IN: as constants, of which the planner knows how much mail they hold."""
    ids = visible_account_ids(env)
    return SQL("%s", ids) if ids else SQL("(SELECT NULL::int WHERE FALSE)")


def told_by_copies(env):
    """The domain of what belongs to messages and that the user of ``env`` may see: what all copies of an
    email say (no ``account_id``), and what those in a mailbox say that is visible to them."""
    if env.su:
        return Domain.TRUE
    return Domain("account_id", "=", False) | Domain("account_id", "in", visible_account_ids(env))


def visible_messages(env):
    """The domain of the messages that the user of ``env`` may see: those in a mailbox that is visible
    to them, within their companies. Nobody sees messages that were deleted and are about to be
    erased."""
    companies = [*env(su=False).companies.ids, False]
    return (
        Domain("company_id", "in", companies)
        & Domain("trashed", "=", False)
        & held_by(visible_account_ids(env))
    )


def held_by(account_ids):
    """The domain of the messages that one of these mailboxes holds.

    Their ids are constants, so the database knows whether these are few of all messages or most of
    them. With ``member_mail_of_record`` in the context, it looks at the mailboxes of one message after
    the other: those that are asked for are few, and those in the mailboxes very many.
    """

    def to_sql(model, alias, _query):
        if not account_ids:
            return SQL("FALSE")
        return SQL(
            "EXISTS (SELECT FROM member_mail_account_message_rel AS held"
            " WHERE held.message_id = %s AND held.account_id IN %s%s)",
            SQL.identifier(alias, "id"),
            account_ids,
            # Such a subquery can't be turned into a join.
            SQL(" OFFSET 0") if model.env.context.get(OF_RECORD) else SQL(),
        )

    return Domain.custom(to_sql=to_sql)


def sendable_accounts(env):
    """The domain of the mailboxes that the user of ``env`` may send from: those whose messages they may
    see, that are active and have an outgoing server."""
    ready = Domain("active", "=", True) & Domain("setting_up", "=", False)
    return visible_accounts(env) & ready & Domain("smtp_host", "!=", False)


def told_by_name(records):
    """Those of these records whose names the user of their environment may be told. Odoo reads names
    with all rights, also those of records that a client merely named by their ids."""
    if not records.env.su or records.env.uid == SUPERUSER_ID:
        return records
    return records.sudo(False)._filtered_access("read").sudo()


def viewers(account, users):
    """Those of these users whom `visible_accounts` lets see an account, in any of their companies: the
    same rule from the account's side, without a query for each user.

    :param account: a `member.mail.account`, of the superuser
    :param users: `res.users` who may see messages at all
    """
    users = users.filtered(
        lambda user: not account.company_id or account.company_id in user.company_ids
    )
    if account.visibility == "shared":
        return users
    team = account.team_id if account.visibility == "team" else account.team_id.browse()
    return users & (account.user_id | team.member_ids)
