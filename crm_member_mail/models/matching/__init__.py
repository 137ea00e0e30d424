from . import (
    member_mail_address,
    member_mail_exclusion,
    member_mail_linker,
    member_mail_lookup,
    member_mail_matcher,
)

# isort: split
from . import account_matching, crm_lead, misspelt, partner_unusable, res_partner
