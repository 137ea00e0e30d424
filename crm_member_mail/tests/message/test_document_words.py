import os
import sys
from types import SimpleNamespace
from unittest.mock import patch

from odoo.tests import BaseCase, tagged

from ...tools.search_words import MAX_TEXT
from ...workers.document_words import words_of


@tagged("post_install", "-at_install")
class TestDocumentWords(BaseCase):
    """What the process that reads documents hands back."""

    def test_no_more_than_is_indexed(self):
        """A document of 228 bytes can have 9 MB of words, one of 500 kB half a gigabyte."""
        name = "odoo.addons.attachment_indexation.models.ir_attachment"
        reader = SimpleNamespace(_index_docx=lambda _record, data: data.decode() * MAX_TEXT)
        addon = SimpleNamespace(FTYPES=["docx"], IrAttachment=reader)
        with patch.dict(sys.modules, {name: addon}):
            words = words_of(os.getpid(), None, b"boat ")
        self.assertEqual(len(words), MAX_TEXT)
        self.assertTrue(words.startswith("boat boat"))
