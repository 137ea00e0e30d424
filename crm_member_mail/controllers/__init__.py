from . import member_mail_export, member_mail_message
