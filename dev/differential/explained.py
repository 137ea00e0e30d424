"""The differences that are right: a rule for each kind, with the sentence that says why.

A rule looks at what an email is made of, never at its name. It explains single items of a Difference
(a word, an address, a file), so that what else is missing in the same email still shows.
"""

import base64
import quopri
import re
from datetime import timedelta

from crm_member_mail.mailbox.mime.defects import CHARSET_GUESSED, TOO_DEEP

from .extracts import LOST, LOST_TWICE, gist, sha256, text_of_html, words, words_of_html
from .rules import RULES, all_of, is_gone, names, rule, shown, words_of
from .structure import (
    address_fields,
    date_field,
    decoded,
    from_base64,
    line_behind_base64,
    messages_within,
    received_at,
    texts_of,
)

__all__ = ["RULES"]

#: Where words of the message itself may be missing.
TEXT = ("text", "html", "search")

#: Labels of the charset that the foreign parsers fall back to.
WESTERN = ("iso-8859-1", "windows-1252", "latin1", "iso-8859-15")


# -- texts ---------------------------------------------------------------------------------------


@rule(*TEXT)
def in_a_file(word, case):
    """The word is in one of our files: a report, a calendar, a message, or a text with a name."""
    files = {file.gist: words(file.text) | words_of_html(file.text) for file in case.ours.files}
    is_empty = not (case.ours.text or case.ours.html)
    for text in texts_of(case.data):
        key = gist(text.data)
        if is_empty and text.kind in ("text/plain", "text/html"):
            files.pop(key, None)  # It could be shown, since there is nothing else.
        elif key in files:
            files[key] |= words_of(text.kind, text.text)
    inner = (message.words for message in messages_within(case.message))
    return any(word in found for found in (*files.values(), *inner))


_ENCODED = re.compile(
    r"^begin [0-7]{3,4} .*\n(?:(?!begin ).*\n)*?end[ \t]*$|^=ybegin .*\n(?:(?!=y(?!part)).*\n)*=yend.*$",
    re.MULTILINE,
)


@rule("text")
def encoded_in_the_text(word, case):
    """What looks like words is a uuencoded or yEnc file in the text, which is one of our files."""
    return bool(case.ours.files) and word not in words(_ENCODED.sub(" ", case.theirs.text))


@rule("text")
def base64_in_the_text(word, case):
    """Base64 without a label is decoded: it is one of our files."""
    block = case.theirs.text.strip()
    data = from_base64(block.encode("ascii", "replace")) if word in words(block) else b""
    return any(file.gist == gist(data) for file in case.ours.files)


@rule("text")
def parts_in_the_text(word, case):
    """A header and parts that stand in the text are read as such."""
    text = case.theirs.text.strip()
    if not text.lower().startswith("content-type:"):
        return False
    inner = texts_of(text.encode("utf-8", "replace"))
    return bool(inner) and all(words_of(one.kind, one.text) <= shown(case) for one in inner)


@rule("text")
def armour(word, case):
    """The signature of a text that is signed with PGP is left out, and the lines around the text."""
    return "-----BEGIN PGP SIG" in case.theirs.text and word not in words(
        _ARMOUR.sub(" ", case.theirs.text)
    )


_ARMOUR = re.compile(
    r"^-----BEGIN PGP SIGNED.*\n(?:Hash:.*\n)*|^-----BEGIN PGP SIGNATURE(?:.*\n)*?-----END PGP.*$",
    re.MULTILINE,
)


@rule("text")
def says_nothing(word, case):
    """A plain text that only says that there is HTML is left out."""
    choices = [text for text in texts_of(case.data) if text.is_choice and text.kind == "text/plain"]
    return bool(case.ours.html) and any(
        len(text.text) < 400 and "html" in (found := words(text.text)) and word in found
        for text in choices
    )


@rule(*TEXT)
def no_base64(word, case):
    """A text that is labelled base64 and is none is read as it is, or as quoted-printable."""
    for text in texts_of(case.data):
        if text.encoding.strip('"; ').endswith("base64") and re.search(rb"\w [a-z]", text.raw):
            read = (text.raw, quopri.decodestring(text.raw))
            found = [words_of(text.kind, data.decode("latin-1")) for data in read]
            if any({w for w in words_ if w.isascii()} <= shown(case) for words_ in found):
                return True
    return False


@rule(*TEXT)
def another_alternative(word, case):
    """Of several alternatives of one kind, one is shown."""
    ours = shown(case)
    for kind in ("text/plain", "text/html"):
        choices = [
            words_of(kind, text.text)
            for text in texts_of(case.data)
            if text.is_choice and text.kind == kind
        ]
        if any(word in found for found in choices) and any(
            found and found <= ours for found in choices
        ):
            return True
    return False


@rule("file")
def odd_alternative(file, case):
    """Of alternatives, plain text and HTML are shown, not enriched text and the like."""
    return not file.name and any(
        text.is_choice and text.kind == file.kind and gist(text.data) == file.gist
        for text in texts_of(case.data)
    )


@rule(*TEXT)
def title(word, case):
    """The title of an HTML page is not part of its text."""
    return any(word in words(found) for found in _TITLE.findall(case.theirs.html))


_TITLE = re.compile(r"<title[^<>]{0,200}>([^<]*)", re.IGNORECASE)


@rule(*TEXT)
def too_deep(word, case):
    """What is nested too deeply is not shown, and the message says so."""
    return TOO_DEEP in case.message.defects


@rule("subject")
def subject_is_cut(word, case):
    """A subject is cut after 998 characters."""
    subject = " ".join(case.theirs.subject.split())
    return len(case.ours.subject) > 990 and subject.startswith(case.ours.subject)


# -- charsets ------------------------------------------------------------------------------------


@rule("subject", "people", *TEXT)
def utf7(word, case):
    """The foreign parsers leave UTF-7 as it is."""
    if b"utf-7" not in case.data.lower():
        return False
    return word not in words(all_of(case.theirs).encode("utf-8").decode("utf-7", "ignore"))


@rule("subject", "people", *TEXT)
def undecodable(word, case):
    """Where letters can't be decoded, what is around them is guessed."""
    theirs = all_of(case.theirs).replace(LOST_TWICE, LOST)
    return LOST in theirs and is_gone(word, theirs, lambda part: LOST not in part)


@rule("text", "html", "search", "file")
def iso2022(item, case):
    """What is in ISO-2022-JP, without saying so, the foreign parsers leave as it is."""
    if isinstance(item, str):
        theirs = f"{case.theirs.text} {text_of_html(case.theirs.html)}"
        return "\x1b" in theirs and item not in words(_ISO_2022.sub(" ", theirs))
    left = words(_ISO_2022.sub(" ", item.text))
    return "\x1b" in item.text and any(left <= words(file.text) for file in case.ours.files)


#: What is between two escapes, of which the second leads back to ASCII.
_ISO_2022 = re.compile(r"\S*\x1b\$[@-D(][^\x1b\n]*(?:\x1b\([BJ])?\S*")


@rule(*TEXT)
def another_charset(word, case):
    """A text whose charset is not named, or not the one that is named, is recognised by its bytes."""
    if not is_gone(word, all_of(case.theirs), str.isascii):
        return False
    for text in texts_of(case.data):
        if text.data.isascii() or text.label in WESTERN:
            continue
        western = (text.data.decode(codec, "replace") for codec in ("cp1252", "latin-1"))
        is_western = any(word in words_of(text.kind, read) for read in western)
        if text.label.startswith("iso-2022") or (
            is_western and CHARSET_GUESSED in case.message.defects
        ):
            return True
    return False


@rule(*TEXT)
def utf8_by_another_label(word, case):
    """A text that is valid UTF-8 is read as such, whatever its label says."""
    ours = shown(case)
    read = (words_of(text.kind, text.as_utf8()) for text in texts_of(case.data))
    if not any(found and found <= ours for found in read):
        return False
    # What is ASCII in theirs, too, would be missing for another reason.
    return is_gone(word, all_of(case.theirs), str.isascii)


# -- addresses and dates -------------------------------------------------------------------------


@rule("sender", "recipients")
def domain_in_pieces(address, case):
    """Blanks around the dots of a domain belong to it (RFC 5322 section 4.4)."""
    return any(other.startswith(f"{address}.") for other in case.ours.sender | case.ours.recipients)


@rule("people")
def address_in_a_name(word, case):
    """What a foreign parser takes for a name is another address, or the rest of one."""
    theirs = _REST_OF_DOMAIN.sub(" ", names(case.theirs).casefold())
    for address in case.ours.sender | case.ours.recipients:
        theirs = theirs.replace(address, " ")
    return word not in words(theirs)


_REST_OF_DOMAIN = re.compile(r"^[ \t]*\.[^\n]*", re.MULTILINE)


@rule("people")
def comment_beside_a_name(word, case):
    """A comment beside a name is not part of it (RFC 5322 section 3.2.2)."""
    return any(
        word in words(comment)
        for _name, value in address_fields(case.data)
        for comment in _COMMENT_BESIDE_A_NAME.findall(value)
    )


#: What stands before the comment is no address, whose only name it would be.
_COMMENT_BESIDE_A_NAME = re.compile(
    r"(?<![^\s,;:])[^\s@,;:<>()]{1,200}\s{0,20}\(((?:[^()\\]|\\.)*)\)"
)


@rule("sender", "recipients")
def two_ways(address, case):
    """An address that mail programs read in different ways is nobody's, above all not the sender's."""
    pattern = r"\s*".join(map(re.escape, re.split(r"([.@])", address)))
    for name, value in address_fields(case.data):
        for mailbox in re.split(r"[,;]", _QUOTED.sub(" ", value).casefold()):
            if not re.search(pattern, mailbox):
                continue
            # Two without a comma, a blank within the brackets, a blank before a dot.
            has_two = name == "from" and mailbox.count("@") > 1
            if has_two or re.search(r"<\s*\S+\s+\S[^>]*>", mailbox) or re.search(r"\s\.", mailbox):
                return True
    return False


_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')


@rule("date")
def absurd_date(dates, case):
    """A date before 1990, or more than a day after the email arrived, is not believed."""
    _ours, theirs = dates
    arrival = min(filter(None, (case.arrival, received_at(case.data))))
    return theirs.year < 1990 or theirs >= case.arrival or theirs > arrival + timedelta(days=1)


@rule("date")
def no_year(dates, case):
    """A date without its year is not believed."""
    _ours, theirs = dates
    value = date_field(case.data)
    return not (re.search(r"(?:19|20)\d\d", value) or len(_NUMBER.findall(value)) > 1)


#: Numbers of a date, which are not of its time or zone.
_NUMBER = re.compile(r"(?<![\d:+-])\d{1,2}(?![\d:])")


# -- files ---------------------------------------------------------------------------------------


@rule("file")
def in_a_message(file, case):
    """The file is in a message within the message, which is one file of ours."""
    return any(file.gist in message.gists for message in messages_within(case.message))


@rule("file")
def shown_as_text(file, case):
    """A text without a name is shown in the message, whatever kind of text it is, or of none."""
    if file.name or ("/" in file.kind and not re.match(r"text\s*/", file.kind)):
        return False
    is_marked_up = file.kind in ("text/html", "text/enriched", "text/richtext")
    found = words_of_html(file.text) if is_marked_up else words(file.text)
    return found <= shown(case)


@rule("file")
def winmail_is_opened(file, case):
    """A winmail.dat is opened: its text and its files are in its place."""
    is_winmail = file.name.lower() == "winmail.dat" or file.kind.endswith("ms-tnef")
    return is_winmail and bool(case.ours.text or case.ours.html or case.ours.files)


@rule("file")
def signed_is_opened(file, case):
    """What is signed with S/MIME in one piece is opened: its text and its files are in its place."""
    is_signed = file.kind in ("application/pkcs7-mime", "application/x-pkcs7-mime")
    return is_signed and bool(case.ours.text or case.ours.html or case.ours.files)


@rule("file")
def announcement(file, case):
    """The part that says that the next one is encrypted with PGP (RFC 3156 section 4) is no file."""
    return file.kind == "application/pgp-encrypted" and not file.name and file.size < 200


@rule("file")
def nothing_in_it(file, case):
    """A part without content is no file unless it has a name; external bodies are none anyway."""
    return file.kind == "message/external-body" or (not file.name and file.gist == gist(b""))


@rule("size", "file")
def left_encoded(item, case):
    """The foreign parsers leave a file encoded where they don't know its encoding, or its label."""
    ours, theirs = item if isinstance(item, tuple) else (None, item)
    if re.match(r"\s*begin [0-7]{3,4} ", theirs.text):
        return bool(ours) or any(_is_same_name(f.name, theirs.name) for f in case.ours.files)
    return any(
        gist(base64.b64encode(file.data)) == theirs.gist for file in case.message.attachments
    )


@rule("size", "file")
def not_base64(item, case):
    """What is labelled base64 and is none is kept as it is."""
    theirs = item[1] if isinstance(item, tuple) else item
    return any(
        ours.content_type == theirs.kind and sha256(from_base64(ours.data)) == theirs.digest
        for ours in case.message.attachments
    )


@rule("size")
def behind_base64(item, case):
    """What stands behind the end of base64 data, a footer say, is not part of the file."""
    data = next(file.data for file in case.message.attachments if file.filename == item[0].name)
    return bool(re.search(rb"[^A-Za-z0-9+/=\s]", line_behind_base64(data, case.data)))


@rule("name")
def long_name(item, case):
    """Of a name of more than 150 characters, its beginning and its ending are kept."""
    ours, theirs = (_UNSAFE.sub("", file.name) for file in item)
    stem, _dot, ending = ours.rpartition(".")
    return len(item[1].name) > 150 and theirs.startswith(stem) and theirs.endswith(ending)


@rule("name")
def folders_are_cut(item, case):
    """Of a path the file's name is kept, and signs that no name should have become underscores."""
    ours, theirs = (_UNSAFE.sub("", file.name) for file in item)
    return bool(ours) and theirs.endswith(ours)


_UNSAFE = re.compile(r'[\\/:*?"<>|_\x00-\x1f]')


@rule("name")
def undecodable_name(item, case):
    """Letters of a name that can't be decoded are guessed or left out."""
    ours, theirs = (file.name.replace(LOST_TWICE, LOST) for file in item)
    if LOST in theirs:
        return _is_same_name(ours, theirs)
    return theirs.isascii() and re.sub(r"[^\x00-\x7f]", "", ours) == theirs


def _is_same_name(ours, theirs):
    """Whether two names are the same but for letters that could not be decoded in theirs."""
    pieces = theirs.replace(LOST_TWICE, LOST).strip().split(LOST)
    return bool(re.fullmatch(".{0,4}".join(map(re.escape, pieces)), ours))


@rule("name")
def raw_name(item, case):
    """Raw bytes of a name are UTF-8, or in the charset of the text, not always in Latin-1."""
    ours, theirs = (file.name for file in item)
    try:
        data = theirs.encode("latin-1")
    except UnicodeEncodeError:
        return False
    codecs = {"utf-8", *(text.label for text in texts_of(case.data))}
    return any(decoded(data, codec) == ours for codec in codecs)
