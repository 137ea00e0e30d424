from . import (
    base_import_import,
    base_partner_merge,
    member_mail_add_address,
    member_mail_erasure_wizard,
    member_mail_export,
    member_mail_file_under,
    member_mail_trace,
    member_mail_trace_line,
)
