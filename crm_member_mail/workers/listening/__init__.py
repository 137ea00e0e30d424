"""The listener: a program that hears of new mail and has the mailbox scanned at once.

Read in this order: :mod:`.program` (how it is started), :mod:`.main` (what runs), :mod:`.keeper` (the
database's side), :mod:`.shards` (who watches what), :mod:`.clerk` (how to sign in),
:mod:`...mailbox.watcher` and :mod:`...mailbox.imap.watch` (the mail servers' side).
"""

from . import keeper
