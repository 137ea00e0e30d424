from . import test_access, test_account, test_reader, test_tours
