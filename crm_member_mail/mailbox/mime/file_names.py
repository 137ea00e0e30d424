"""Names of files, from what mail programs and people call them, safe on every system."""

import re

from .charset import clean

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
#: Text after the last dot of a name that is longer than this is not an extension.
_EXTENSION_CHARACTERS = 20


def eml_name(subject):
    """A file name for an email with that subject, safe on every system."""
    return f"{safe_name(subject)}.eml"


def attachment_name(path):
    """The name of a file, as a mail program gave it: without folders, with its extension.

    :param str path: may be empty
    :return: '' when nothing of it can be kept
    """
    name = clean(path).replace("\\", "/").rpartition("/")[2]
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension) > _EXTENSION_CHARACTERS:
        stem, extension = name, ""
    return ".".join(filter(None, (safe_name(stem, ""), safe_name(extension, ""))))


def safe_name(text, otherwise="message"):
    """A text as the name of a file, without an extension.

    :param str text: may be empty, or None
    :param str otherwise: the name if nothing of the text can be kept
    """
    name = " ".join(_UNSAFE.sub("_", _INVISIBLE.sub("", text or "")).split())
    name = name.encode("utf-8")[:_NAME_BYTES].decode("utf-8", "ignore").strip(" .~-")
    if not name.strip("_"):
        return f"{otherwise} {name}".strip(" _")
    return f"{otherwise or 'file'} {name}" if _DEVICE.fullmatch(name) else name


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
