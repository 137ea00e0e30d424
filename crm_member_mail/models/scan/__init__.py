from . import (
    ir_cron,
    member_mail_failure,
    member_mail_folder,
    member_mail_listening,
    member_mail_removal,
)

# isort: split
from . import (
    account_arrival,
    account_check,
    account_clock,
    account_deletion,
    account_fresh,
    account_history,
    account_left_folders,
    account_listening,
    account_lost_folders,
    account_round,
    account_scan,
    folder_by_hand,
    folder_check,
    folder_removal,
    folder_renamed,
)
