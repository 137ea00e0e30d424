"""Which listener watches which mailboxes. Plain SQL: the listener has no records.

The mailboxes of a database are dealt out in :data:`SHARDS`, by the id of the account. Who holds the
advisory lock of a shard watches its mailboxes; PostgreSQL releases it when the holder dies. So the lock
also tells everybody else whether somebody listens, and nothing has to be written again and again.
"""

#: Into how many shards the mailboxes of a database are dealt, by the rest of their id.
SHARDS = 64
#: Listeners that share a database at most.
MOST_LISTENERS = 16
#: Names of the advisory locks, which are hashed: on a shard, and on being one of the listeners.
SHARD_LOCK, LISTENER_LOCK = "crm_member_mail.shard", "crm_member_mail.listener"
#: The channel of PostgreSQL's NOTIFY on which listeners hear that accounts were changed: their ids,
#: separated by commas.
CHANNEL = "crm_member_mail_accounts"
#: What stands there before the id of an account in which emails were filed.
FILED = "filed:"
#: What stands there when an administrator has said whether this database is the original.
HOME = "home"

#: The numbers of the locks with a name that somebody holds in this database.
HELD = """
    SELECT DISTINCT objid::int FROM pg_locks
     WHERE locktype = 'advisory' AND objsubid = 2 AND granted
       AND classid = hashtext(%s)::oid
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def held(cr, name=SHARD_LOCK):
    """The numbers of the locks with this name that somebody holds.

    :param cr: a cursor of the database
    :return: set of int
    """
    cr.execute(HELD, (name,))
    return {number for (number,) in cr.fetchall()}
