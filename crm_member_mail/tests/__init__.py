"""Odoo finds the test modules that are named here."""

from .account import (
    test_access,
    test_access_matrix,
    test_access_methods,
    test_account,
    test_bus,
    test_computed_fields,
    test_dashboard,
    test_kept_fields,
    test_owner_left,
    test_private_accounts,
    test_provider,
    test_secret_keys,
    test_secrets,
    test_setup_tours,
    test_sign_in,
    test_sign_in_callback,
)
from .conversation import (
    test_arranging,
    test_conversation_lead,
    test_threads,
)
from .filing import (
    test_copies,
    test_evidence,
    test_exclusion,
    test_filing_by_hand,
    test_filing_cost,
    test_left_folders,
    test_lost_folders,
    test_safe_content,
)
from .matching import (
    test_leads,
    test_linker,
    test_matching,
    test_owners,
)
from .message import (
    test_attachment_files,
    test_automatic,
    test_download,
    test_figures,
    test_file_copies,
    test_invitation,
    test_last_dates,
    test_message_actions,
    test_protection,
    test_search,
    test_seen,
    test_source,
    test_trash,
)
from .privacy import (
    test_audit,
    test_audit_sinks,
    test_erasure,
    test_export,
    test_retention,
)
from .screens import (
    test_many_messages,
    test_scan_tours,
    test_tab,
    test_tab_odoo,
    test_tab_odoo_tours,
    test_tab_tours,
    test_tours,
    test_translations,
    test_viewer,
    test_viewer_browser,
)
from .sending import (
    test_composer_tours,
    test_draft,
    test_draft_rights,
    test_draft_send,
    test_notify,
    test_outcomes,
    test_quotes,
    test_unsubscribe,
    test_write_email,
    test_written,
)
