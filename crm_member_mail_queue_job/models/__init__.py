from . import member_mail_account
