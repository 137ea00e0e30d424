"""Work beside the work: others' code may fail in it, and nothing but it fails by that."""

import logging
from contextlib import contextmanager

from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

_logger = logging.getLogger(__name__)


@contextmanager
def spared(env, what):
    """What is done within, such as an activity on which an automation rule of somebody's fails, is taken
    back where it raises; the log says so, and whoever did it goes on.

    :param str what: it is, for the log
    """
    try:
        with env.cr.savepoint():
            yield
    except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
        raise  # the whole transaction is tried again
    except Exception:
        _logger.warning("%s: others' code stands in the way", what, exc_info=True)
