from . import member_mail_failure, member_mail_folder, member_mail_removal

# isort: split
from . import (
    account_check,
    account_deletion,
    account_history,
    account_scan,
    folder_check,
    folder_removal,
)
