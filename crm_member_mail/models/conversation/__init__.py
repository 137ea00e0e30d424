from . import member_mail_conversation, member_mail_reference

# isort: split
from . import access, arranging, lead, threads
