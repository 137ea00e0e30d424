"""The engine: IMAP, SMTP, MIME and HTML, with a few libraries and without Odoo.

Read in this order: :mod:`.types` (what is handed over), :mod:`.imap.session` (a signed-in
connection), :mod:`.imap.folders` (which folders there are), :mod:`.visit` (everything that is done in
one mailbox), :mod:`.reader` (what is new in one folder), :mod:`.mime.message` (bytes to
:class:`~.types.ParsedMessage`), :mod:`.imap.partial` (the same for a message that is too large to
download whole), :mod:`.errors` (what can go wrong).
"""
