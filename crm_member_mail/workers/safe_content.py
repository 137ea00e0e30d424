"""What is made of an email's content before it is filed: safe HTML, preview, words for the search.

No records are needed for it, so the readers do it (see :mod:`.processes`): while the writer files the
email of one mailbox, all others wait.
"""

import logging
import re
import secrets
import time
from dataclasses import dataclass

from lxml import etree
from lxml import html as lxml_html
from lxml.html import clean

from odoo.tools.mail import SANITIZE_TAGS

from ..mailbox.html.fence import fence, fenced, plain_to_html
from ..mailbox.html.preview import preview
from ..mailbox.html.tidy import parsed
from ..mailbox.mime import pictures
from ..mailbox.mime.defects import TOO_COMPLEX
from ..tools.packing import Packed
from ..tools.search_words import words_of

_logger = logging.getLogger(__name__)

#: Seconds of computing that the HTML of an email is worth. On a busy machine it may take longer.
MAX_SECONDS = 5


@dataclass(frozen=True, slots=True)
class SafeContent:
    """``body`` is HTML without anything that may do harm, in which each picture that came along has a
    number, its place among the attachments after ``mark``, for an id. ``words`` are those of the text,
    ``defects`` what is to be said about the body, in English. Body and headers are packed, as they are
    stored."""

    body: Packed
    mark: str
    preview: str
    words: tuple[str, ...]
    headers: Packed
    defects: tuple[str, ...] = ()

    def body_with(self, ids):
        """The body with the pictures in their places.

        :param ids: of the attachments, in the order of the email
        """
        if self.mark not in self.body:
            return self.body  # as most have no pictures
        return re.sub(
            rf"/web/image/{self.mark}(\d{{1,9}})",
            lambda m: f"/web/image/{ids[int(m[1])]}",
            self.body,
        )


class _TooComplex(Exception):
    """The HTML is not worth the time that it takes."""


def safe_content(message):
    """Make the SafeContent of a ParsedMessage. Takes time that grows with the size of the email alone:
    HTML that takes more than MAX_SECONDS is left out in favour of the text."""
    # Whoever writes an email can't guess it. It can't be the beginning of an attachment's id either.
    mark = f"{secrets.randbelow(10**15) + 10**15}0"
    defects = ()
    body = message.html or plain_to_html(message.text)
    try:
        body = _safe_html(message, body, mark)
    except _TooComplex:
        _logger.info(
            "The HTML of %s is too complex; its text is filed",
            message.message_id,
        )
        body, defects = fence(plain_to_html(message.text)), (TOO_COMPLEX,)
    return SafeContent(
        body=Packed.of(body),
        mark=mark,
        preview=preview(message.text),
        words=tuple(words_of(message.text)),
        headers=Packed.of(message.headers),
        defects=defects,
    )


#: lxml's cleaner with what Odoo's `html_sanitize` tells it (odoo/tools/mail.py). The rest of what that
#: does is a search for quotes, which takes longer than all else and which the fence would undo.
_CLEANER = clean.Cleaner(
    style=False, remove_unknown_tags=False, safe_attrs_only=False, **SANITIZE_TAGS
)


def _cleaned(body):
    """HTML that comes from `fence`, without what lxml takes for dangerous. Mostly that is nothing."""
    root = parsed(body, is_tidy=True, parser=lxml_html.HTMLParser)
    if root is None:
        return ""
    root.tag = "div"  # which the cleaner may keep
    before = etree.tostring(root)
    try:
        _CLEANER(root)
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise _TooComplex() from error
    return body if etree.tostring(root) == before else fenced(root)


def _safe_html(message, body, mark):
    files = message.attachments
    end = time.thread_time() + MAX_SECONDS
    for step in (
        # Tidies, too.
        lambda body: pictures.placed(
            files, body, [f"/web/image/{mark}{number}" for number in range(len(files))]
        ),
        # The cleaner takes the square of the time for some texts and attributes, which are written in
        # one way only after this.
        lambda body: fence(body, is_tidy=True),
        _cleaned,
    ):
        body = step(body)
        if time.thread_time() > end:
            raise _TooComplex()
    return body.lstrip()
