"""What may be amiss with an email, so that something had to be guessed or left out.

These are the texts of ``ParsedMessage.defects``. They are stored as they are here, in English, and
translated for whoever reads them.
"""

from ..words import _lt

TOO_MANY_PARTS = _lt("There were too many parts; the last ones were left out.")
TOO_DEEP = _lt("The parts are nested too deep; the innermost are not shown.")
NO_PARTS = _lt("The parts of this email can't be told apart.")
TEXT_CUT = _lt("The text was too long; its end was left out.")
HEADER_CUT = _lt("The header was too long; a part of it was left out.")
HEADER_NOT_KEPT = _lt("The header was too long to be kept whole.")
CHARSET_GUESSED = _lt("A charset was named wrongly and had to be guessed.")
LARGE = _lt("This email is large; its attachments stay on the mail server.")
UNTOLD = _lt(
    "This email is large and the server can't tell its parts; only its beginning is shown."
)
