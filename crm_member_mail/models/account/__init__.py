from . import base, member_mail_account, member_mail_provider

# isort: split
from . import access, connection, health, oauth, owner, secrets, servers, token
