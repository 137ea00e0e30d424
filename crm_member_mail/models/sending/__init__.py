from . import member_mail_draft

# isort: split
from . import (
    account_pace,
    account_sending,
    draft_answer,
    draft_recipients,
    draft_send,
    draft_template,
    filer_sent,
    ir_mail_server,
    mail_mail,
    mail_outcome,
    mail_sent_copy,
    mail_template,
    message_answer,
    message_sending,
    unsubscribe,
)
