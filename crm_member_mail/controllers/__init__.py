from . import member_mail_message
