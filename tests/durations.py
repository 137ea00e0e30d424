"""Which test files take long, so that several processes end at about the same time."""

#: Longest first, those that take more than five seconds on a quiet machine; see `--durations=0`.
LONG = (
    "tests/scan/test_faults.py",
    "crm_member_mail/tests/account/test_setup_tours.py",
    "crm_member_mail/tests/account/test_access_matrix.py",
    "tests/screens/test_hostile.py",
    "crm_member_mail/tests/sending/test_composer_tours.py",
    "tests/scan/test_concurrent_scan.py",
    "crm_member_mail/tests/account/test_access_methods.py",
    "tests/scan/test_restarts.py",
    "tests/scan/test_queue_job.py",
    "crm_member_mail/tests/screens/test_tours.py",
    "crm_member_mail/tests/screens/test_tab_tours.py",
    "tests/trace/test_trace_keyboard.py",
    "tests/scan/test_parties.py",
    "tests/trace/test_trace_parties.py",
    "tests/scan/test_renamed_folders.py",
    "crm_member_mail/tests/conversation/test_threads.py",
    "crm_member_mail/tests/filing/test_filing_by_hand.py",
    "tests/trace/test_trace_reasons.py",
    "tests/trace/test_trace_mailboxes.py",
    "tests/account/test_tokens.py",
    "tests/scan/test_state_machine.py",
    "crm_member_mail/tests/privacy/test_export.py",
    "tests/account/test_neutralize.py",
    "tests/project/test_commands.py",
    "tests/trace/test_trace_reasons.py",
    "tests/trace/test_trace_mailboxes.py",
    "tests/trace/test_trace.py",
    "tests/trace/test_trace_parties.py",
    "crm_member_mail/tests/message/test_figures.py",
    "tests/sending/test_sending_threads.py",
    "tests/account/test_no_secret_leaks.py",
    "crm_member_mail/tests/screens/test_tab_odoo_tours.py",
    "tests/engine/mime/test_fuzz.py",
    "crm_member_mail/tests/screens/test_viewer_browser.py",
    "tests/account/test_setup_keyboard.py",
    "crm_member_mail/tests/screens/test_scan_tours.py",
    "crm_member_mail/tests/screens/test_translations.py",
    "tests/scan/test_deletion_faults.py",
    "tests/scan/test_scan.py",
    "tests/screens/test_live.py",
    "tests/sending/test_sending_faults.py",
    "crm_member_mail/tests/matching/test_matching.py",
    "tests/scan/test_source.py",
    "tests/scan/test_crash.py",
    "crm_member_mail/tests/account/test_private_accounts.py",
    "tests/account/test_sign_in.py",
)

_rank = {path: rank for rank, path in enumerate(LONG)}


def by_length(item):
    """The place of a test's file in the queue."""
    return _rank.get(item.nodeid.partition("::")[0], len(LONG))
