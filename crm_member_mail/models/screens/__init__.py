from . import member_mail_tab

# isort: split
from . import (
    account_dashboard,
    account_remedy,
    account_setup,
    message_evidence,
    res_config_settings,
    tab_odoo,
)
