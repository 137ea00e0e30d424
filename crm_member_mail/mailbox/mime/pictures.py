"""Which of an email's files are pictures that its HTML shows, by whatever name it calls them."""

import dataclasses
import html
import re
import unicodedata
from urllib.parse import unquote

from ..html import pictures
from .charset import decode_words
from .structure.file_names import attachment_name

#: Endings by which a picture is known whose type says nothing.
_ENDINGS = re.compile(r".*\.(?:png|jpe?g|jfif|gif|webp|bmp|svg|tiff?|heic|emf|wmf)", re.IGNORECASE)
_VAGUE = frozenset(("application/octet-stream", "application/binary", "application/x-binary"))
#: What some programs call the types of pictures.
_TYPES = {
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/x-png": "image/png",
    "image/x-bmp": "image/bmp",
    "image/x-ms-bmp": "image/bmp",
}
_BEGINNINGS = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF")

_CID = re.compile(r"(?:web)?cid(?::|%3a)/{0,2}|mid:[^/]*/", re.IGNORECASE)
#: A part of an archive of a page (MHTML), and of a message in the store of Thunderbird.
_WITHIN = re.compile(
    r"mhtml:[^!]{0,998}!|(?:imap|mailbox)(?:-message)?:[^?]{0,998}\?(?:[^=&]{0,99}=[^&]{0,998}&){0,9}filename=",
    re.IGNORECASE,
)
#: What some program added to an address, or took for its end.
_ADDED = re.compile(r"(?:[?#].*|/)\Z", re.DOTALL)
_REMOTE = re.compile(r"(?:https?:)?//", re.IGNORECASE)
#: What else may stand before a path; `file:`, `x-msg:` and the like only name what came along.
_BEFORE_PATH = re.compile(r"(?:(?!https?:)[a-z][a-z0-9+.-]{0,30}:)?[./]*", re.IGNORECASE)
#: Of pictures with the same name, so many are looked at.
_MAX_ALIKE = 50


def marked(files, body):
    """Files with ``inline`` set on those that HTML shows, as a tuple.

    :param files: ParsedAttachments or RemoteParts
    :param str body: HTML, may be empty
    """
    names = _Names(files)
    if not body or names.is_empty:
        return tuple(files)
    shown = {names.find(reference) for reference in pictures.references(body)}
    return tuple(
        dataclasses.replace(file, inline=True) if number in shown else file
        for number, file in enumerate(files)
    )


def placed(files, body, urls):
    """HTML with the pictures of its email in their places: see :func:`..html.pictures.place`.

    :param files: as for `marked`
    :param urls: the URL of each of them, a sequence
    """
    names = _Names(files)

    def url_of(reference):
        number = names.find(reference)
        return None if number is None else urls[number]

    return pictures.place(body, url_of)


def usual_type(kind):
    """What a picture's type is usually called."""
    return _TYPES.get(kind, kind)


def _is_picture(file):
    if file.content_type in _VAGUE:
        data = getattr(file, "data", b"")
        return bool(_ENDINGS.fullmatch(file.filename)) or data.startswith(_BEGINNINGS)
    return file.content_type.startswith("image/")


class _Names:
    """The pictures among files, by all that may refer to them: Content-ID (RFC 2392), Content-Location
    (RFC 2557) and file name. Case, blanks and escapes don't count."""

    def __init__(self, files):
        #: Numbers by Content-ID; (location, number) by the last segment of the location.
        self._by_id, self._by_end, self._by_name = {}, {}, {}
        self._known, self._taken = {}, set()
        for number, file in enumerate(files):
            if _is_picture(file):
                self._add(file, number)

    def _add(self, file, number):
        name = _key(file.filename)
        if file.content_id:
            ids = [_key(file.content_id)]
            ids.append(f"{ids[0].partition('@')[0]}@")  # where it is referred to without the domain
        else:
            # Some programs write the Content-ID only where they refer to it.
            ids = [name, name.rpartition(".")[0]]
        for one in ids:
            self._by_id.setdefault(one, []).append(number)
        if location := _path(_key(file.location)):
            self._by_end.setdefault(location.rpartition("/")[2], []).append((location, number))
        self._by_name.setdefault(name, []).append(number)

    @property
    def is_empty(self):
        return not self._by_name

    def find(self, reference):
        """The number of the file that a reference means, or None."""
        if reference not in self._known:
            self._known[reference] = number = self._found(reference)
            self._taken.add(number)
        return self._known[reference]

    def _found(self, reference):
        for form in _forms(reference):
            for encoding in ("utf-8", "cp1252"):
                if numbers := self._numbers(form, encoding)[:_MAX_ALIKE]:
                    # Several pictures of one name are shown in their order.
                    return next((one for one in numbers if one not in self._taken), numbers[0])
        return None

    def _numbers(self, reference, encoding):
        cid = _CID.match(reference)
        key = _key(reference[cid.end() :] if cid else reference, encoding)
        path = _path(key)
        if not path:
            return []
        local, _at, domain = key.partition("@")
        if not _REMOTE.match(reference):
            # Programs differ in whether a Content-ID has a domain.
            found = self._by_id.get(key) or (
                cid and self._by_id.get(local if domain else f"{key}@")
            )
            if found:
                return found
        alike = self._by_end.get(path.rpartition("/")[2], ())[:_MAX_ALIKE]
        if found := [number for location, number in alike if _is_same(location, path)]:
            return found
        # A Content-ID with a domain is no file name that somebody wrote.
        if (cid and domain) or _REMOTE.match(reference):
            return []
        return self._by_name.get(_key(attachment_name(path)), [])


def _forms(reference):
    """A reference as it is, and how else it may be meant."""
    if _REMOTE.match(reference):
        return (reference,)
    within = _WITHIN.match(reference)
    reference = reference[within.end() :] if within else reference
    return dict.fromkeys((reference, _ADDED.sub("", reference), unquote(reference)))


def _key(name, encoding="utf-8"):
    """A name as it is compared."""
    name = decode_words(name) if "=?" in name else name
    name = unquote(html.unescape(name), encoding=encoding)
    name = unicodedata.normalize("NFKC", name).casefold()
    return "".join(name.split()).strip("<>\"'")


def _path(key):
    """A location without what may be missing from it at the other end."""
    key = key.replace("\\", "/")
    return key[_BEFORE_PATH.match(key).end() :]


def _is_same(location, path):
    """Whether two addresses are the same, if one may be relative."""
    return location == path or f"/{location}".endswith(f"/{path}") or path.endswith(f"/{location}")
