import logging
import os

from odoo import api, models
from odoo.fields import Domain

import odoo.addons

from ...workers.document_words import words_of

_logger = logging.getLogger(__name__)

#: In the context: documents are read later, by the job.
LATER = "member_mail_index_later"
#: Odoo's addon that reads the words of documents.
READER = "attachment_indexation"
#: What that addon reads, as patterns of types.
DOCUMENTS = (
    "application/pdf",
    "application/vnd.openxmlformats-officedocument.%",
    "application/vnd.oasis.opendocument.%",
)
#: What stands in the place of the words of a document while and after it is read, if it has none.
TRIED = " "
#: Seconds that it may take to read one; less than Odoo lets its jobs have.
SECONDS = 30.0
#: Bytes of a document that is read.
MAX_SIZE = 20 * 1024 * 1024


class IrAttachment(models.Model):
    """The words in documents that came by email, for search.

    A parser of PDF may take minutes for a hostile one, or all memory: filing must not wait for that,
    nor fail with it. A job reads them, also those that were filed before the addon for it was
    installed. Each is tried once, which is committed first: its ``index_content`` is then no longer
    empty. A process of its own does it, which ends if it takes too long or too much.
    """

    _inherit = "ir.attachment"

    @api.model
    def _index(self, bin_data, file_type, checksum=None):
        is_text = (file_type or "").startswith("text/")
        if self.env.context.get(LATER) and not is_text:
            return None
        return super()._index(bin_data, file_type, checksum=checksum)

    @api.model
    def _are_documents_read(self):
        """Whether there is an addon that reads the words of documents."""
        return READER in self.pool._init_modules

    @api.model
    def _read_documents_later(self):
        """Have the job read documents that were just filed."""
        if self._are_documents_read():
            self.env.ref("crm_member_mail.ir_cron_index_files").sudo()._trigger()

    @api.model
    def _unread_documents(self):
        """The domain of documents that were not tried yet."""
        return (
            Domain("res_model", "=", "member.mail.message")
            & Domain("index_content", "=", False)
            & Domain("file_size", "<=", MAX_SIZE)
            & Domain.OR(Domain("mimetype", "=like", pattern) for pattern in DOCUMENTS)
        )

    def _read_document(self, processes):
        """Note the words of this document; if it can't be read, that it has none.

        :param Processes processes: what reads it
        """
        task = (os.getpid(), list(odoo.addons.__path__), self.raw or b"")
        [words] = processes.work(words_of, [task])
        if words:
            self.index_content = words.replace("\x00", "")
        elif words is None:
            _logger.warning(
                "File %s can't be searched: it takes too long, or can't be read", self.id
            )
        else:
            _logger.info("File %s has no words to search for", self.id)
