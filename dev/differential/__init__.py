"""`make differential`: what two foreign parsers read in emails, and where ours has less."""

import tests.engine  # the engine as crm_member_mail.mailbox, without Odoo
