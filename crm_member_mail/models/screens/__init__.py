from . import member_mail_tab

# isort: split
from . import (
    account_dashboard,
    account_idle,
    account_monitor,
    account_remedy,
    account_setup,
    account_setup_address,
    ir_http,
    message_evidence,
    message_help,
    news_menu,
    offered,
    res_config_settings,
    tab_elsewhere,
    tab_files,
    tab_fresh,
    tab_groups,
    tab_odoo,
)
