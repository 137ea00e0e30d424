from . import test_erasure_kept
