"""Names of files, from what mail programs and people call them, safe on every system."""

import re

from ..charset import clean

#: What no name should contain on any file system or in a shell; below, what reverses the direction of
#: text.
_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f-\x9f\ud800-\udfff]')
_INVISIBLE = re.compile("[\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff]")
#: Names that Windows reserves for devices, whatever their extension.
_DEVICE = re.compile(
    r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3])(?:\..*)?", re.I
)

#: Bytes of a name, so that it fits into a folder whatever is added to it.
_NAME_BYTES = 180
#: Characters of the name of an attachment, and what is kept of a longer one in any case.
_FILE_CHARACTERS = 150
_EXTENSION = re.compile(r"\.[^.]{1,19}\Z")


#: What programs call the text of an email when they give it a name: words, and endings.
_BODY_WORDS = frozenset(
    [
        "att",
        "body",
        "content",
        "e",
        "email",
        "htm",
        "html",
        "inline",
        "mail",
        "mailbody",
        "message",
        "msg",
        "nachricht",
        "noname",
        "part",
        "plain",
        "text",
        "txt",
        "unknown",
        "unnamed",
        "untitled",
    ]
)
_BODY_ENDINGS = (".txt", ".text", ".htm", ".html", ".asc")
_NO_LETTERS = re.compile(r"[\W\d_]+")


def is_for_a_body(name):
    """Whether the name of a text says only that it is the text of an email."""
    stem, _dot, _ending = name.lower().rpartition(".")
    words = _NO_LETTERS.sub(" ", stem).split()
    return name.lower().endswith(_BODY_ENDINGS) and _BODY_WORDS.issuperset(words)


def eml_name(subject):
    """A file name for an email with that subject, safe on every system."""
    return f"{safe_name(subject)}.eml"


def attachment_name(path):
    """The name of a file, as a mail program gave it: without folders, with its extension.

    People know their files by their names, so no more is changed than has to be.

    :param str path: may be empty
    :return: of at most 150 characters; '' when nothing of it can be kept
    """
    name = _kept(clean(path).replace("\\", "/").rpartition("/")[2]).strip(" .")
    extension = _EXTENSION.search(name)
    end = extension[0] if extension else ""
    return f"{name[: _FILE_CHARACTERS - len(end)]}{end}" if len(name) > _FILE_CHARACTERS else name


def safe_name(text, otherwise="message"):
    """A text as the name of a file, without an extension.

    :param str text: may be empty, or None
    :param str otherwise: the name if nothing of the text can be kept
    """
    name = " ".join(_kept(text or "").split())
    name = name.encode("utf-8")[:_NAME_BYTES].decode("utf-8", "ignore").strip(" .~-")
    if not name.strip("_") or _DEVICE.fullmatch(name):
        name = f"{otherwise} {name}".strip(" _")
    return name


def _kept(text):
    """A text without what no name should contain."""
    return _UNSAFE.sub("_", _INVISIBLE.sub("", text))


class UniqueNames:
    """Gives each file in a folder its own name, even where upper and lower case are the same."""

    def __init__(self):
        self._taken = set()

    def take(self, name, extension):
        """``name`` with ``extension``, and a number between them if that name is taken."""
        number, unique = 1, f"{name}{extension}"
        while unique.lower() in self._taken:
            number += 1
            unique = f"{name} ({number}){extension}"
        self._taken.add(unique.lower())
        return unique
