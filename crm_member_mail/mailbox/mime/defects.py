"""What can be wrong with an email, so that something had to be guessed or left out.

These are the texts of ``ParsedMessage.defects``. They are stored in English, as they are here, and
translated when they are shown.
"""

from ..words import _lt

TOO_MANY_PARTS = _lt("This email has too many parts. The last ones were left out.")
TOO_DEEP = _lt("The parts of this email are nested too deeply. The innermost ones are not shown.")
NO_PARTS = _lt("The parts of this email can't be told apart.")
TEXT_CUT = _lt("The text was too long. Its end was left out.")
HEADER_CUT = _lt("The header was too long. Part of it was left out.")
HEADER_NOT_KEPT = _lt("The header was too long to keep in full.")
CHARSET_GUESSED = _lt("The character set is wrong in this email and had to be guessed.")
DATE_GUESSED = _lt("The date of this email is incomplete, so its time may be some hours off.")
DATE_UNUSABLE = _lt("The date of this email is unclear or wrong. It shows when the email arrived.")
TOO_COMPLEX = _lt("The formatting of this email is too complex. Only its text is shown.")
LARGE = _lt("This email is large. Its attachments stay on the mail server.")
UNTOLD = _lt(
    "This email is large and the server can't list its parts. Only its beginning is shown."
)
