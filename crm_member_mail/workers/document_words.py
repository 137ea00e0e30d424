"""The words of documents, as Odoo's addon `attachment_indexation` reads them; for a process of its own.

A PDF of a few kilobytes can keep a parser busy for hours, or make it take all memory.
"""

import contextlib
import importlib
import os

import odoo.addons

from ..tools.search_words import MAX_TEXT

#: Bytes of address space that a process may have which reads documents.
MEMORY = 2 * 1024**3


def words_of(asker, paths, data):
    """The words of a document, at most so many as are indexed: a small file may have gigabytes. "" if
    there are none, or it can't be read.

    :param int asker: the process of Odoo itself, whose memory is not limited here
    :param paths: where Odoo's addons are
    :param bytes data: the document
    """
    if os.getpid() != asker:
        _limit_memory()
        odoo.addons.__path__ = paths
    addon = importlib.import_module("odoo.addons.attachment_indexation.models.ir_attachment")
    # These methods need no record.
    readers = (getattr(addon.IrAttachment, f"_index_{kind}") for kind in addon.FTYPES)
    return next(filter(None, (read(None, data) for read in readers)), "")[:MAX_TEXT]


def _limit_memory():
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        _soft, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, hard))
