"""What stands below an email's words without being meant for this reader: long signatures, and what
lawyers have put under each email.

As with quotes, whatever isn't clearly one of these counts as the sender's own words.
"""

import re

#: Longer signatures are left out: lines, or characters.
_MAX_LINES, _MAX_CHARACTERS = 8, 600

#: How a legal footer begins, and what it speaks of: three of these at least.
_LEGAL_START = re.compile(
    r"[\W_]*(?:"
    r"(?:this|the|these|any|all)\s+(?:e-?mails?|electronic|message|communication|transmission"
    r"|information|contents?|document|attachments?)\b"
    r"|confidential|disclaimer|privileged|legal notice|notice|important|caution|warning"
    r"|(?:diese|dieses|die|der|das)\s+(?:(?:inhalt|informationen|vorstehende|angehängte)\b.{0,40}|in\b.{0,60})?"
    r"(?:e-?mail|email|mail|nachricht|mitteilung|inhalt|informationen)|vertraulich|haftungsausschluss"
    r"|(?:wichtiger\s+)?(?:rechtlicher\s+)?hinweis|disclaimer"
    r"|(?:ce|cet|cette|le|l[’']|les)\s*(?:message|courriel|mail|e-?mail|courrier|informations|présent)"
    r"|avertissement|confidentialité|avis"
    r"|(?:este|esta|el|la|los)\s+(?:mensaje|correo|e-?mail|comunicación|información|contenido|presente)"
    r"|aviso|confidencial|advertencia"
    r"|(?:questo|questa|il|la|le|ai)\s+(?:messaggio|e-?mail|presente|comunicazione|informazioni|contenuto"
    r"|sensi)|avviso|avvertenza|riservatezza"
    r"|(?:dit|deze|de)\s+(?:e-?mail|bericht|informatie|inhoud)|vertrouwelijk"
    r"|(?:esta|este|as|o)\s+(?:mensagem|e-?mail|informações|conteúdo)|confidencialidade"
    r")",
    re.IGNORECASE,
)
_LEGAL_TERM = re.compile(
    r"\b(?:confident|privileg|intended|recipient|addressee|disclos|unauthori[sz]|prohibited|in error"
    r"|notify|notified|delet|destroy|liab|virus|distribut"
    r"|vertraulich|geschützt|empfänger|adressat|unbefugt|unerlaubt|irrtüm|irrtum|vernicht|lösch|haft"
    r"|weitergabe|gestattet|absender"
    r"|destinat|erreur|détrui|interdit|expéditeur|divulg|exclusiv|remit"
    r"|confiden|error|prohib|elimin|borr"
    r"|riservat|errore|vietat|cancell|distrugg|mittente"
    r"|geadresseerde|bestemd|abusievelijk|vernietig|afzender"
    r"|erro|proibid|remetente)",
    re.IGNORECASE,
)
#: One of them must be more than a request to delete what went astray.
_LEGAL_CORE = re.compile(
    r"\b(?:confiden|privileg|prohibited|liab|vertraulich|rechtlich|unbefugt|haft|interdit|divulg|prohib"
    r"|riservat|vietat|vertrouwelijk|proibid)",
    re.IGNORECASE,
)
_MIN_LEGAL, _MAX_LEGAL = 120, 4000
#: What a company's letters must name (in Germany, for one): two of these in one line.
_REGISTER = re.compile(
    r"\b(?:sitz der gesellschaft|handelsregister|registergericht|amtsgericht\s+\w|hr[ab]\s?\d"
    r"|geschäftsführ\w{0,9}\s?:|aufsichtsrat\w{0,20}\s?:|vorstand\w{0,20}\s?:|ust\.?-?id|steuernummer"
    r"|registered (?:office|in england|in scotland|number|no)|company (?:number|no|registration)"
    r"|vat (?:number|no|reg)|siret|siren|rcs\s|capital social)",
    re.IGNORECASE,
)
#: What often stands above or below a legal footer.
_BESIDE = re.compile(
    r"[\W_]*(?:disclaimer|(?:confidentiality|legal|important) notice|notice|haftungsausschluss"
    r"|(?:wichtiger |rechtlicher )?hinweis|vertraulichkeitshinweis|avertissement|aviso(?: legal)?"
    r"|aviso de confidencialidad|avviso|confidentiality|confidentialité)[\W_]*|[-_=*\s]{5,}"
    r"|.{0,90}(?:environment|umwelt|environnement|ambiente|milieu).{0,90}",
    re.IGNORECASE,
)


def mark(lines):
    """Mark the legal footers among lines: they are ``legal`` then, and part of a ``signature``."""
    for paragraph in _paragraphs(lines):
        for line in paragraph[_legal_from(paragraph) :]:
            line.legal = line.signature = True
    for direction in (lines, lines[::-1]):
        beside = False
        for line in direction:
            if beside and not line.quoted and _BESIDE.fullmatch(line.text[:200]):
                line.legal = line.signature = True
            beside = line.legal or (beside and line.blank)


def start_of(lines):
    """Where the long signature or the legal footer at the end of ``lines`` begins; their number if there
    is none."""
    start = len(lines)
    while start and (lines[start - 1].blank or lines[start - 1].signature):
        start -= 1
    legal = next((n for n in range(start, len(lines)) if lines[n].legal), len(lines))
    words = [line.text for line in lines[start:legal] if not line.blank]
    if len(words) > _MAX_LINES or sum(map(len, words)) > _MAX_CHARACTERS:
        return start
    return legal


def _paragraphs(lines):
    """The lines that stand together, quotes left out."""
    paragraph, last = [], None
    for line in lines:
        # Between the lines of two blocks is another one, without any text.
        if line.blank or line.quoted or (last is not None and line.number > last + 1):
            if paragraph:
                yield paragraph
            paragraph = []
        if not line.blank and not line.quoted:
            paragraph.append(line)
        last = line.number
    if paragraph:
        yield paragraph


def _legal_from(paragraph):
    """Where in a paragraph its legal footer begins; its length if there is none."""
    for number, line in enumerate(paragraph[:20]):
        text = line.text[:_MAX_LEGAL]
        if len({found.lower() for found in _REGISTER.findall(text)}) > 1:
            return number
        if _LEGAL_START.match(text) and _is_legal(paragraph[number:]):
            return number
    return len(paragraph)


def _is_legal(lines):
    text = " ".join(line.text[:_MAX_LEGAL] for line in lines[:100])[:_MAX_LEGAL]
    terms = {term.lower() for term in _LEGAL_TERM.findall(text)}
    return len(text) >= _MIN_LEGAL and len(terms) > 2 and bool(_LEGAL_CORE.search(text))
