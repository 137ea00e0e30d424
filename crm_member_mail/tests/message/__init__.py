from . import test_one_copy
