"""The names of recipients: what is one, and what surrounds it."""

import re

from ..charset import decode_words
from .recipient_tokens import LONGEST

#: Words of a name without brackets around its address; more are a sentence.
_MOST_WORDS = 5

#: What names a field, before a name or an address: in tables and letters, and above what email programs
#: quote.
_LABEL = re.compile(
    r"\*?(?:to|cc|bcc|from|sender|reply-to|recipients?|an|von|kopie|blind-?kopie|empfänger|à|a|de|para|cco"
    r"|cci|destinataires?|destinatarios?|e-?mail|e-?mail[ -]?add?ress?e?|mail|courriel"
    r"|correo|address|adresse|name|nom|nombre|contact|kontakt|contacto|ansprechpartner(?:in)?"
    r"|da|ccn|van|aan|od|do|dw|udw|från|till|kopia|fra|til|kopi|lähettäjä|vastaanottaja|kopio|komu|kópia"
    r"|feladó|címzett|másolatot kap|de la|către|kimden|kime|bilgi|από|προς|κοιν"
    r"|от|кому|копия|від|копія|发件人|收件人|抄送|密送|寄件者|收件者|副本"
    r"|差出人|宛先|보낸 사람|받는 사람|참조"
    r")\s*:\*?\s*",
    re.IGNORECASE,
)
#: Words that are in no name, and those that are only if they begin with a capital.
_NEVER = frozenset((
    "and", "or", "und", "oder", "sowie", "please", "write", "ask", "send", "mail", "email",
    "e-mail", "contact", "call", "reach", "bitte", "cc", "bcc", "fax", "tel", "phone",
))  # fmt: skip
_SMALL = frozenset((
    "et", "ou", "y", "o", "e", "to", "at", "by", "via", "with", "for", "from", "the", "is", "are",
    "me", "us", "my", "our", "your", "see", "an", "bei", "unter", "schreiben", "work", "private",
    "privat", "home",
))  # fmt: skip
_JOINING = re.compile(
    r"(?:and|or|und|oder|sowie|et|ou|y|&|\+|on behalf of|im Auftrag von|de la part de|en nombre de"
    r"|per conto di|em nome de|namens|w imieniu)\s+",
    re.IGNORECASE,
)
#: Before what a name is followed by: `Ada - Head of Sales`.
ASIDE = re.compile(r"(?<=\w) [-\u2010-\u2015|/] ")
#: Small words that names begin with.
_PARTICLES = frozenset(
    (
        "af",
        "al",
        "av",
        "d'",
        "da",
        "de",
        "del",
        "den",
        "der",
        "di",
        "do",
        "dos",
        "du",
        "el",
        "la",
        "le",
    )
    + ("ten", "ter", "van", "vom", "von", "zu", "zum", "zur")
)
#: Single quotes around a name.
_QUOTES = ("''", "‘’", "‚‘", "‚’", "‹›", "›‹")
#: What surrounds a name that isn't in quotes.
_AROUND = ' \t,;:|/\\*·`\u2010\u2011\u2012\u2013\u2014\u2015-<>"'


def text_of(tokens):
    """What tokens say, as far as a name may be long."""
    texts, size = [], 0
    for token in tokens:
        if size > 4 * LONGEST:
            break  # the rest would be cut off
        size += len(token.text) + 1
        if token.kind == "quoted" and len(tokens) > 1:
            texts.append(f'"{token.text}"')
        elif token.kind == "comment":
            texts.append(f"({token.text})")
        elif token.kind == "comma":
            texts[-1:] = [f"{texts[-1] if texts else ''},"]
        else:
            texts.append(token.text)
    return " ".join(texts)[: 4 * LONGEST].strip()


def is_name(text, least=1):
    """Whether words without brackets around an address are a name: at least ``least`` of them."""
    words = text.split()
    return (
        least <= len(words) <= _MOST_WORDS
        and sum(map(str.isalpha, text)) > sum(map(str.isdigit, text))
        and "://" not in text
        and not any(word in _SMALL or word.lower() in _NEVER for word in _bare(words))
    )


def _bare(words):
    return [word.strip(",:()") for word in words]


def is_label(text):
    """Whether a text is only the name of a field."""
    return bool(_LABEL.fullmatch(f"{text}:"))


def is_link(text):
    return "://" in text or "www." in text.lower()


def is_aside(text):
    """Whether words are a number, such as that of a phone, or a link."""
    digits, letters = sum(map(str.isdigit, text)), sum(map(str.isalpha, text))
    return is_link(text) or digits > letters or (digits > 3 and 2 * digits > letters)


def is_capital(text):
    """Whether a name begins with a capital, or as `van der Berg` does."""
    return text[0] == text[0].upper() or text.split()[0] in _PARTICLES


def has_letters(text):
    return any(map(str.isalpha, text))


def without_label(text):
    """A text without the name of a field at its beginning."""
    label = _LABEL.match(text)
    return text[label.end() :] if label else text


def named(text, email="", is_first=True, is_group=False):
    """The name that words before or behind an address are.

    :param email: the address, which is no name
    :param is_first: no other address is before the words
    :param is_group: a colon ends the name of a group (RFC 5322 section 3.4)
    """
    text = without_label(text)
    if is_group and is_first:
        text = text.rpartition(": ")[2]
        if text.endswith(":"):
            return ""
    if not is_first:
        joining = _JOINING.match(text)
        text = text[joining.end() :] if joining else text
    text = text.strip(_AROUND.replace('"', "") if text.count('"') == 2 else _AROUND)
    if text.count("'") == 1 and (text[0] == "'" or text[-1] == "'"):
        text = text.strip("'")
    return whole_name(text, email)


def whole_name(text, email=""):
    """A name that is not surrounded by anything else."""
    text = text[: 4 * LONGEST].strip()
    if len(text) > 2 and text[0] + text[-1] in _QUOTES:
        text = text[1:-1]
    if "=?" in text:
        text = decode_words(text)
    text = " ".join(text.split())[:LONGEST].strip()
    return "" if text.lower() == email else text
