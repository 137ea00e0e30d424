"""Whose messages a user may see: the rule that everything else asks."""

from odoo import SUPERUSER_ID
from odoo.fields import Domain


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


def told_by_copies(env):
    """The domain of what belongs to messages and that the user of ``env`` may see: what all copies of an
    email say (no ``account_id``), and what those in a mailbox say that is visible to them."""
    if env.su:
        return Domain.TRUE
    return Domain("account_id", "=", False) | Domain("account_id", "any!", visible_accounts(env))


def visible_messages(env):
    """The domain of the messages that the user of ``env`` may see: those in a mailbox that is visible
    to them, within their companies. Nobody sees messages that were deleted and are about to be
    erased."""
    companies = [*env(su=False).companies.ids, False]
    return (
        Domain("company_id", "in", companies)
        & Domain("trashed", "=", False)
        & Domain("account_ids", "any", visible_accounts(env))
    )


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
