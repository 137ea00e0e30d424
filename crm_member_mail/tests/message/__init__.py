from . import test_one_copy, test_one_copy_seen
