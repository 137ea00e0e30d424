"""The engine: IMAP, SMTP and MIME in plain Python and imapclient. It never imports odoo.

Read in this order: :mod:`types` (what is handed over), :mod:`session` (a logged-in connection),
:mod:`folders` (which folders there are), :mod:`scan` (what is new in one), :mod:`message`
(bytes to :class:`~crm_member_mail.mailbox.types.ParsedMessage`), :mod:`partial` (the same of a
message too large to be downloaded whole), :mod:`errors` (what can go wrong).
"""
