from . import test_scan_job
