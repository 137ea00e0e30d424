from . import (
    member_mail_filer,
    member_mail_filing,
    member_mail_hook,
    member_mail_news,
    member_mail_notice,
)

# isort: split
from . import (
    account_authenticity,
    account_hearers,
    account_notify,
    answered,
    bounce,
    by_hand,
    content,
    copies,
    header_decision,
    known,
    news_alert,
    one_copy,
    read_receipt,
    res_users_notify,
    retention,
    rows,
)
