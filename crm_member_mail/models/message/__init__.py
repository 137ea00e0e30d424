from . import (
    member_mail_copy,
    member_mail_copy_filing,
    member_mail_last_date,
    member_mail_location,
    member_mail_message,
    member_mail_participant,
    member_mail_remote_attachment,
    member_mail_search,
    member_mail_seen,
    member_mail_tombstone,
    member_mail_trusted_sender,
)

# isort: split
from . import (
    access,
    actions,
    bus,
    bus_bus,
    copies,
    figures,
    invitation,
    ir_attachment,
    ir_binary,
    ir_websocket,
    res_partner_last_date,
    search_query,
    seen,
    source,
    told,
    trash,
    viewer,
)
