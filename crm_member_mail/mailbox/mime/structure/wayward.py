"""Fields that describe a part, in the forms that break their grammar (RFC 2045 section 5.1, RFC 2183):
what they mean, written as it should be."""

import re

#: A media type, also with blanks in it or a backslash; one that nothing else is beside.
_TYPE = re.compile(
    r"([a-z0-9][a-z0-9.+_-]{0,99})\s{0,9}[/\\]\s{0,9}([a-z0-9][a-z0-9.+_-]{0,99})", re.I
)
_TYPE_ALONE = re.compile(r"[!#-&*+.0-9A-Z^-~-]{1,100}/[!#-&*+.0-9A-Z^-~-]{1,100}\s*", re.I)
_REPEATED = re.compile(r"[;\s]*(?:content-(?:type|disposition)\s{0,9}:)?\s*", re.I)
_QUOTED = re.compile(
    r"([\"'])([^\"';]{0,99}(?:;[^\"']{0,900})?)\1"
    r"|[\"']([^\"'=]{3,99}/[^\"';]{1,99};.*)[\"']\s*\Z",
    re.DOTALL,
)
_COLON = re.compile(r"([;\s](?:charset|boundary|name|filename))\s{0,9}:\s{0,9}", re.I)
_TWICE = re.compile(r"\b(charset\s{0,9}=\s{0,9}\"?)(?:charset\s{0,9}=\s{0,9})", re.I)
_PLACED = re.compile(
    r"([a-z][a-z-]{1,30})\s{0,9}(?:,\s{0,9}|\s)(?=[a-z]{1,30}\*?[\d*]{0,3}\s{0,9}=)", re.I
)
_NAME_FIRST = re.compile(r"(?:file)?name(?:\*\d{0,2}\*?)?\s{0,9}=", re.I)
_NAME = re.compile(r";\s{0,9}(?:file-?)?name(\*\d{0,2}\*?)?\s{0,9}=", re.I)
_FILENAME = re.compile(r"[;\s]filename(?:\*\d{0,2}\*?)?\s{0,9}=", re.I)

_WORDS = {
    "html": "text/html",
    "text-html": "text/html",
    "texthtml": "text/html",
    "text/htm": "text/html",
    "plain": "text/plain",
    "text-plain": "text/plain",
    "textplain": "text/plain",
}

#: Transfer encodings, without signs and letters that mean nothing.
_ENCODINGS = {
    "base64": "base64",
    "b64": "base64",
    "quotedprintable": "quoted-printable",
    "quotedprintible": "quoted-printable",
    "qp": "quoted-printable",
}
_SIGNS = re.compile(r"[^a-z0-9]+")


def meant(fields):
    """The fields of a part, each as one value in the form of the standards.

    :param dict fields: lists of values by lower-case name
    :return: dict of values by name: of most parts, the first ones as they are
    """
    found = {name: values[0] for name, values in fields.items()}
    if "content-type" in fields:
        values = [typed(value) for value in fields["content-type"]]
        found["content-type"] = values[0]
        if not _is_multipart(values[0]):
            found["content-type"] = max(values, key=_says)
    if "content-disposition" in found:
        found["content-disposition"] = placed(found["content-disposition"])
    if "content-transfer-encoding" in fields:
        values = fields["content-transfer-encoding"]
        known = next(filter(None, map(_encoding, values)), "")
        if known and known != values[0].strip().lower():
            found["content-transfer-encoding"] = known
    return found


def _says(value):
    """How much one of several Content-Types says: one with parameters most, what is no type least."""
    return 0 if "/" not in value or _is_multipart(value) else 2 if "=" in value else 1


def _is_multipart(value):
    return value[:10].lower() == "multipart/"


def typed(value):
    """A Content-Type as it should be: its media type, a semicolon, its parameters."""
    kind, semicolon, rest = value.partition(";")
    if not _TYPE_ALONE.fullmatch(kind) or kind.strip().lower() in _WORDS:
        begin = value[_REPEATED.match(value).end() :]
        value = _unquoted(begin) if "/" in begin.partition(";")[0] else value
        kind, semicolon, rest = value.partition(";")
        head = kind.strip()
        if match := _TYPE.match(head):
            more = head[match.end() :].strip(" \t\r\n,:")
            kind = f"{match[1]}/{match[2]}"
            if "=" in more or ":" in more:
                semicolon, rest = ";", f" {more}{semicolon}{rest}"
        kind = _WORDS.get(kind.strip().lower(), kind)
    rest = semicolon + rest
    if ":" in rest and "=" not in rest.partition(":")[0]:
        rest = _COLON.sub(r"\1=", rest)
    if rest.lower().count("charset") > 1:
        rest = _TWICE.sub(r"\1", rest)
    return kind + rest


def placed(value):
    """A Content-Disposition as it should be: a word, a semicolon, its parameters."""
    value = _unquoted(value[_REPEATED.match(value).end() :]) if value[:1] in "\"'; \tcC" else value
    if _NAME_FIRST.match(value):
        value = f"attachment; {value}"
    elif match := _PLACED.match(value):
        value = f"{match[1]}; {value[match.end() :]}"
    if "name" in value.lower() and not _FILENAME.search(value):
        value = _NAME.sub(r"; filename\1=", value)
    return value


def _unquoted(value):
    """A value without the quotes around its first word, or around all of it."""
    if value[:1] not in ("'", '"'):
        return value
    if match := _QUOTED.match(value):
        inner = match[2] if match[2] is not None else match[3]
        return inner + value[match.end() :]
    return value.strip("\"'")


def _encoding(value):
    """The transfer encoding that is meant; '' for those that change nothing, or that nobody knows."""
    name = value[:100].partition("(")[0].partition(";")[0].lower()
    return _ENCODINGS.get(_SIGNS.sub("", name).removeprefix("x"), "")
