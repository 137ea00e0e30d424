from . import member_mail_filer, member_mail_filing, member_mail_notice

# isort: split
from . import (
    account_authenticity,
    account_notify,
    bounce,
    by_hand,
    content,
    copies,
    header_decision,
    known,
    one_copy,
    read_receipt,
    retention,
)
