from . import base, member_mail_account, member_mail_home, member_mail_provider

# isort: split
from . import (
    access,
    connection,
    encryption,
    health,
    identity,
    oauth,
    owner,
    res_users_visible,
    secret_places,
    secrets,
    sending_state,
    servers,
    token,
)
