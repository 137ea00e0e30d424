"""What is made of an email's content before it is filed: safe HTML, preview, words for the search.

No records are needed for it, so the readers do it (see :mod:`.processes`): while the writer files the
email of one mailbox, all others wait.
"""

import logging
import re
import secrets
import time
from dataclasses import dataclass

from odoo.tools import html_sanitize

from ..mailbox.html.fence import fence, plain_to_html
from ..mailbox.html.preview import preview
from ..mailbox.mime import pictures
from ..mailbox.mime.defects import TOO_COMPLEX
from ..tools.search_words import words_of

_logger = logging.getLogger(__name__)

#: Seconds of computing that the HTML of an email is worth. On a busy machine it may take longer.
MAX_SECONDS = 5


@dataclass(frozen=True, slots=True)
class SafeContent:
    """``body`` is HTML without anything that may do harm, in which each picture that came along has a
    number, its place among the attachments after ``mark``, for an id. ``words`` are those of the text,
    ``defects`` what is to be said about the body, in English."""

    body: str
    mark: str
    preview: str
    words: tuple[str, ...]
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
        _logger.info("The HTML of %s takes too long; its text is filed", message.message_id)
        body, defects = fence(plain_to_html(message.text)), (TOO_COMPLEX,)
    return SafeContent(
        body=body,
        mark=mark,
        preview=preview(message.text),
        words=tuple(words_of(message.text)),
        defects=defects,
    )


#: By what `html_sanitize` finds quotes (`tag_quote` in odoo/tools/mail.py): at each quoted line it
#: copies the rest of the text, and at each such class, or signature, it looks at all elements beside it.
_QUOTED_LINE = re.compile(r"(?<=\n)(?=&gt;)")
_SIGNATURE_LINE = re.compile(r"(?<=[>\n]-)(?=-\s?\n?<)")
_QUOTE_CLASS = "yahoo_quoted"
#: How many of them it may find.
_FEW = 50


def _sanitized(body):
    """What `html_sanitize` makes of HTML that comes from `fence`, in time that grows with its length."""
    if body.count("\n&gt;") > _FEW:
        body = _QUOTED_LINE.sub("<wbr>", body)
    if body.count("<br") > _FEW:
        body = _SIGNATURE_LINE.sub("<wbr>", body)
    kept = body.split(_QUOTE_CLASS, _FEW)
    kept[-1] = kept[-1].replace(_QUOTE_CLASS, "quoted")
    return html_sanitize(_QUOTE_CLASS.join(kept), silent=True)


def _fenced(body):
    return fence(body, is_tidy=True)


def _safe_html(message, body, mark):
    files = message.attachments
    end = time.thread_time() + MAX_SECONDS
    for step in (
        # Tidies, too.
        lambda body: pictures.placed(
            files, body, [f"/web/image/{mark}{number}" for number in range(len(files))]
        ),
        # What `html_sanitize` searches for takes it the square of the time in some texts and
        # attributes, which are written in one way only after this.
        _fenced,
        _sanitized,
        _fenced,
    ):
        body = step(body)
        if time.thread_time() > end:
            raise _TooComplex()
    return body
