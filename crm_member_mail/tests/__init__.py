from . import (
    test_access,
    test_account,
    test_exclusion,
    test_leads,
    test_linker,
    test_matching,
    test_reader,
    test_sync_tours,
    test_tab,
    test_tours,
)
