"""What a test does in the database of a scan server, called there (see :mod:`.scanner`)."""

from .letters import correspondence
from .quiet import check, make_contacts, scan_quietly


def prepare(env, user, password, port):
    """Create the contacts and an account; returns its id."""
    env["ir.config_parameter"].set_param("crm_member_mail.allow_private_hosts", "True")
    if not env["member.mail.account"].search_count([]):
        make_contacts(env)
    account = env["member.mail.account"].create(
        {
            "name": "The Club",
            "email": user,
            "imap_host": "localhost",
            "imap_port": port,
            "imap_encryption": "none",
            "imap_password": password,
        }
    )
    env.cr.commit()
    return account.id


def scan_and_check(env, account_id, user, batches):
    """Scan quietly; everything is filed then.

    :param batches: pairs of the count and the first number of letters that were delivered
    """
    account = env["member.mail.account"].browse(account_id)
    scan_quietly(env, account)
    letters = [letter for batch in batches for letter in correspondence(user, *batch)]
    check(env, account, letters)
