from . import base_partner_merge, member_mail_trace
