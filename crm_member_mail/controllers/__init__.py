from . import member_mail_account, member_mail_export, member_mail_health, member_mail_message
