"""What can go wrong with a mail server, in sentences that say what to do next.

Every failure of the network, TLS, the protocol or the sign-in leaves the engine as a
:class:`MailboxError`. Its ``code`` names the case, its ``kind`` decides what follows:

========== =================================================================================
auth       the credentials or the way of signing in are refused: somebody must change them
config     the settings can't work as they are: somebody must change them
throttle   the server wants us to slow down: try later, not before ``retry_after``
transient  network or server trouble: try again later
rejected   the server will never take this email as it is
uncertain  nobody knows whether an email was sent: somebody must look
========== =================================================================================
"""

import ast
import contextlib
import re

from .cases import CODES, Case
from .words import _lt

__all__ = ["CODES", "Case", "MailboxError", "as_text", "clean_detail", "in_one"]

#: Longest part of a server's answer that is kept.
DETAIL_LIMIT = 200


class MailboxError(Exception):
    """A failure of a mailbox or its server.

    For people there are the sentence of its code and, apart from it, what the server said. ``str()``
    has both, in English. Neither ever holds a secret.

    :ivar str code: one of CODES
    :ivar str kind: decides what follows
    :ivar str detail: the server's words, cleaned and bounded; or what the sentence is about
    :ivar str host: name of the server, '' when it is not known
    :ivar retry_after: seconds that the server wants us to wait, or None
    :ivar str words: the server's words, where ``detail`` is what the sentence is about
    """

    def __init__(self, code, detail="", host="", retry_after=None, words=""):
        self.code = code
        self.kind, self._sentence, self._hint = CODES[code]
        self.detail = clean_detail(detail)
        self.host = host
        self.retry_after = retry_after
        self.words = clean_detail(words)
        super().__init__(code)

    def __str__(self):
        return self.in_words(lambda text, **values: text % values if values else text)

    def sentence(self, translate):
        """What happened and what to do about it, in somebody's language.

        :param translate: a function of a text and of the values for its placeholders, if it has any,
            such as Odoo's ``env._``; what it does not know, like a server's words, comes back as it is
        """
        host, detail = self.host or translate(_lt("The server")), translate(self.detail)
        return translate(self._sentence, host=host, detail=detail)

    def details(self, translate):
        """For those who look after servers: a hint of ours and what the server said, on a line each; ''
        when there is nothing to add.

        :param translate: as for :meth:`sentence`, because some details are our words
        """
        words = self.words if "%(detail)s" in self._sentence else self.detail
        return "\n".join(translate(text) for text in (self._hint, words) if text)

    def in_words(self, translate):
        """The sentence, and the details in parentheses behind it.

        :param translate: as for :meth:`sentence`
        """
        return in_one(self.sentence(translate), self.details(translate).replace("\n", " "))

    def in_lines(self, translate):
        """The sentence, and below it the details, which screens fold.

        :param translate: as for :meth:`sentence`
        """
        return "\n".join(filter(None, (self.sentence(translate), self.details(translate))))


def in_one(sentence, details):
    """A sentence and what a server said, each a text or False, as one text: for logs and
    administrators."""
    return f"{sentence} ({details})" if sentence and details else sentence or details


def clean_detail(detail):
    """Text of a server's answer (str or bytes) on one line, without controls, bounded."""
    # The answer may be megabytes long, and clean-up shortens it.
    text = as_text(detail)[: 10 * DETAIL_LIMIT]
    printable = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(printable.split())[:DETAIL_LIMIT]


def as_text(answer):
    """A server's answer (str, bytes or an exception) as text."""
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else str(answer)
    if re.fullmatch(r"b'(?:[^'\\]|\\.)*'|b\"(?:[^\"\\]|\\.)*\"", text, re.S):
        # imaplib's errors show bytes as Python writes them.
        with contextlib.suppress(ValueError, SyntaxError):
            return ast.literal_eval(text).decode("utf-8", "replace")
    return text
