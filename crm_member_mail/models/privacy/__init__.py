from . import member_mail_audit, member_mail_eraser, member_mail_erasure

# isort: split
from . import (
    account_retention,
    eraser_beside,
    eraser_check,
    failure_audit,
    message_audit,
    message_redaction,
    message_retention,
    res_users,
)
