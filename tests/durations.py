"""Which test files take long, so that several processes end at about the same time."""

#: Longest first, those that take more than five seconds on a quiet machine; see `--durations=0`.
LONG = (
    "tests/test_faults.py",
    "crm_member_mail/tests/test_setup_tours.py",
    "crm_member_mail/tests/test_access_matrix.py",
    "tests/test_hostile.py",
    "crm_member_mail/tests/test_composer_tours.py",
    "tests/test_concurrent_scan.py",
    "crm_member_mail/tests/test_access_methods.py",
    "tests/test_restarts.py",
    "tests/test_queue_job.py",
    "crm_member_mail/tests/test_tours.py",
    "crm_member_mail/tests/test_tab_tours.py",
    "tests/test_trace_keyboard.py",
    "tests/test_parties.py",
    "tests/test_trace_parties.py",
    "tests/test_renamed_folders.py",
    "crm_member_mail/tests/test_threads.py",
    "crm_member_mail/tests/test_filing_by_hand.py",
    "tests/test_trace_reasons.py",
    "tests/test_trace_mailboxes.py",
    "tests/test_tokens.py",
    "tests/test_state_machine.py",
    "crm_member_mail/tests/test_export.py",
    "tests/test_neutralize.py",
    "tests/test_commands.py",
    "tests/test_trace_reasons.py",
    "tests/test_trace_mailboxes.py",
    "tests/test_trace.py",
    "tests/test_trace_parties.py",
    "crm_member_mail/tests/test_figures.py",
    "tests/test_sending_threads.py",
    "tests/test_no_secret_leaks.py",
    "crm_member_mail/tests/test_tab_odoo_tours.py",
    "tests/engine/test_fuzz.py",
    "crm_member_mail/tests/test_viewer_browser.py",
    "tests/test_setup_keyboard.py",
    "crm_member_mail/tests/test_scan_tours.py",
    "crm_member_mail/tests/test_translations.py",
    "tests/test_deletion_faults.py",
    "tests/test_scan.py",
    "tests/test_live.py",
    "tests/test_sending_faults.py",
    "crm_member_mail/tests/test_matching.py",
    "tests/test_source.py",
    "tests/test_crash.py",
    "crm_member_mail/tests/test_private_accounts.py",
    "tests/test_sign_in.py",
)

_rank = {path: rank for rank, path in enumerate(LONG)}


def by_length(item):
    """The place of a test's file in the queue."""
    return _rank.get(item.nodeid.partition("::")[0], len(LONG))
