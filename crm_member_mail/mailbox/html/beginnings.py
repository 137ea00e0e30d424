"""What stands above an email's words without being the sender's: what gateways warn of, and where
newsletters say how else they can be read.

As with quotes, whatever isn't clearly one of these counts as the sender's own words. A warning has to
say that the email came from outside: *Caution: the road is icy* is what somebody wrote. A line about
another way of reading has to consist of nothing but the words that such lines have.
"""

import re

#: Paragraphs that are looked at, and characters of one.
_MAX_PARAGRAPHS, _MAX_LENGTH = 8, 1200

#: A line of that many characters goes on in the next one.
_BROKEN = 60
#: What a warning begins with.
_HEADING = re.compile(
    r"[\W_]*(?:caution|warning|attention|alert|important|(?:security )?notice|disclaimer|be careful"
    r"|achtung"
    r"|vorsicht|warnung|warnhinweis|wichtig|sicherheitshinweis|hinweis|avertissement|prudence"
    r"|alerte|atención"
    r"|precaución|advertencia|aviso|cuidado)(?:\s?[]:!|*)>=–—-]+[\W_]*|[\W_]*$)",
    re.IGNORECASE,
)
_EXTERNAL = (
    r"(?:external|externe|extern|externo|ext)(?: (?:e-?mail|mail|message|sender|nachricht))?"
    r"|externer absender"
    r"|(?:e-?mail|message|courriel|expéditeur) externe|(?:correo|mensaje|remitente) externo"
)
#: What says by itself that an email came from outside: in brackets, or in capitals.
_TAG = re.compile(
    rf"(?:[\[(<{{*#=|!-]+\s?(?:{_EXTERNAL})\s?[\])>}}*#=|!-]+|(?-i:(?=[A-ZÀ-Þ -]{{6,30}}(?:[:*|–—]"
    rf"|$)))(?:{_EXTERNAL})"
    r"(?=[:*|\s–—]|$))[\W_]*",
    re.IGNORECASE,
)
#: The same as a heading of what readers are told to do.
_NAMED = re.compile(rf"[\W_]*(?:{_EXTERNAL})(?:\s?[:!|*–—-]+\s*|[\W_]*$)", re.IGNORECASE)
#: Where somebody is who is not of the reader's organisation; ends of the sentences that say so.
_OUTSIDE_EN = (
    r"(?:outside|external)\b.{0,50}\b(?:organi[sz]ation|company|network|domain|sender|source|party"
    r"|address"
    r"|firm|university|college|school|agency|institution|business|system)"
)
_OUTSIDE_DE = (
    r"(?:au(?:ß|ss)erhalb|extern\w{0,2})\b.{0,50}\b(?:organisation|unternehmens?|firma|netzwerke?s?"
    r"|absenders?"
    r"|quelle|hauses|domain|versendet|gesendet)"
)
_OUTSIDE_FR = (
    r"ext(?:erne|érieure?)\b.{0,40}\b(?:organisation|entreprise|société|réseau|établissement)"
    r"|(?:expéditeur|source|adresse) ext(?:erne|érieure?)|de l[’']extérieur"
)
_OUTSIDE_ES = (
    r"(?:fuera|exterior|extern[oa])\b.{0,40}\b(?:organización|empresa|compañía|entidad|institución|red)"
    r"|(?:remitente|fuente|origen|dirección) extern[oa]"
)
#: Sentences that hardly anybody but a gateway writes.
_SURE = re.compile(
    rf"this (?:e-?mail|message) (?:has |was |is |been )?(?:originat\w+|came|comes|sent|received"
    rf"|from).{{0,25}}"
    rf"\b{_OUTSIDE_EN}[^.,]{{0,20}}"
    r"|this (?:e-?mail|message) is from an? (?:untrusted|unknown|unverified|new) sender"
    r"|this is an external (?:e-?mail|message)|(?:the|this) sender (?:of this e-?mail )?is external"
    r"|(?:you|some people who received this message) (?:don[’']t|do not) often get e-?mail from \S+"
    r"|you have not previously corresponded with this sender"
    rf"|diese (?:e-?mail|mail|nachricht) (?:stammt|kommt|kam|wurde"
    rf"|ist)\b.{{0,25}}\b(?:{_OUTSIDE_DE})[^.,]{{0,20}}"
    r"|dies ist eine externe (?:e-?mail|mail|nachricht)|der absender (?:dieser \S+ )?ist extern"
    r"|sie erhalten nicht (?:oft|häufig) (?:eine )?e-?mails? von \S+"
    r"|einige personen, die diese nachricht erhalten haben, .{0,40}e-?mails? von \S+"
    rf"|(?:cet? |cette )?(?:e-?mail|mail|courriel|message) (?:prov(?:ient|enant)|vient|a été|est"
    rf"|émane)\b.{{0,25}}"
    rf"(?:{_OUTSIDE_FR})[^.,]{{0,20}}"
    r"|(?:vous|certaines personnes qui ont reçu ce message) n[’'](?:obtenez|obtiennent"
    r"|recevez) pas souvent d[e’'].{0,100}|l[’']expéditeur (?:de ce \S+ )?est externe"
    rf"|este (?:e-?mail|correo(?: electrónico)?|mensaje) (?:proviene|procede|fue|ha sido|se originó"
    rf"|viene)\b"
    rf".{{0,25}}(?:{_OUTSIDE_ES})[^.,]{{0,20}}"
    r"|(?:algunas personas que recibieron este mensaje )?no (?:suelen? recibir"
    r"|recibe con frecuencia) (?:correos?(?: electrónicos?)?|mensajes) de \S+"
    r"|el remitente es externo",
    re.IGNORECASE,
)
#: Sentences that need a warning's heading above them or its advice below.
_LIKELY = re.compile(
    r"(?=.{0,40}\b(?:this|diese[rs]?|cet?|cette|este) (?:external |externe )?(?:e-?mail|mail"
    r"|message|nachricht|courriel"
    r"|correo|mensaje)\b)(?=.{0,200}\b(?:outside|external|au(?:ß|ss)erhalb|extern\w{0,2}"
    r"|ext[ée]rieure?|fuera"
    r"|exterior)\b).{0,400}",
    re.IGNORECASE,
)
#: What readers are told to do, or not to.
_ADVICE = re.compile(
    r"(?=.{0,250}\b(?:click\w*|cautio(?:n|us)|careful|phish\w*|suspicious|why this is important"
    r"|(?:an)?klick\w*"
    r"|vorsicht(?:ig)?|verdächtig\w*|warum dies wichtig|cliqu\w+|pruden\w*|vigilan\w*|suspect\w*"
    r"|hameçonnage"
    r"|c[’']est important|cela est important|clic|precaución|cuidado|sospechos\w*"
    r"|esto? (?:es )?importante)\b)"
    r"(?:please |bitte |merci de |veuillez |por favor,? |and )?(?:do not|don[’']t|never|be|exercise"
    r"|use|take|think"
    r"|beware|verify|treat|proceed|report|if you|when in doubt|stay|avoid|learn|klicken|öffnen"
    r"|seien|vermeiden|vorsicht|keine?|prudence|precaución|caution"
    r"|antworten|wenn|falls|sofern|erfahren|soyez|ne|n[’']|évitez|faites|vérifi\w+|si|en cas|méfiez"
    r"|pourquoi|découvrez"
    r"|no|tenga|sea|evite|verifique|proceda|extreme|compruebe|por qué|averigüe|obtenga)\b.{0,400}"
    r"|report suspicious",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\s\|\s")
#: What stands around such sentences.
_AROUND = " .!|*#=-–—:<>[]()_"
#: Between these Proofpoint puts its warnings.
_MARKER = re.compile(r"\w{8,24}Banner(?:Start|End)")

_LINK = re.compile(r"[<(\[]?\s?https?://[^\s<>()\[\]]{1,2000}\s?[>)\]]?")
_WORD = re.compile(r"[^\W\d_]+(?:[’'-][^\W\d_]+)*")
#: The words of which a line about another way of reading has one at least.
_WAYS = frozenset((
    "browser", "webbrowser", "online", "online-version", "onlineversion", "web-version", "webversion",
    "webpage", "webansicht", "browserversion", "browseransicht", "website", "webseite", "navigateur",
    "ligne", "navegador", "línea", "versión", "version", "web", "display", "displayed", "displaying",
    "viewing", "angezeigt", "dargestellt", "darstellung", "anzeige", "affiche", "affichage",
    "parvenez", "here", "hier", "ici", "aquí",
))  # fmt: skip
#: The other words of such lines.
_BETWEEN = frozenset((
    "view", "read", "open", "see", "show", "click", "to", "the", "this", "it", "our", "an", "a", "as",
    "in", "on", "with", "your", "of", "if", "you", "having", "have", "trouble", "problem", "problems",
    "viewing", "reading", "can't", "can’t", "cannot", "unable", "are", "is", "not", "does", "doesn't",
    "doesn’t", "isn't", "isn’t", "properly", "correctly", "email", "e-mail", "mail", "message",
    "newsletter", "issue", "images", "page", "please", "full", "use", "diese", "dieser", "dieses",
    "die", "der", "den", "im", "ihrem", "ihren", "mit", "zur", "zum", "sie", "bitte", "klicken",
    "ansehen", "anzeigen", "öffnen", "lesen", "wird", "werden", "nicht", "richtig", "korrekt",
    "falls", "sollte", "sollten", "wenn", "nachricht", "ausgabe", "probleme", "sein", "dann", "bei",
    "e-mails", "ist", "und", "voir", "afficher", "ouvrir", "lire", "consulter", "consultez",
    "visualiser", "dans", "le", "la", "les", "votre", "un", "ce", "cet", "cette", "courriel",
    "lettre", "sur", "si", "vous", "ne", "n'arrivez", "n’arrivez", "s'affiche", "s’affiche", "pas",
    "correctement", "cliquez", "à", "problème", "problèmes", "pour", "en", "d'affichage",
    "d’affichage", "d'information", "d’information", "l'email", "l’email", "ver", "abrir", "leer",
    "mostrar", "visualizar", "este", "esta", "correo", "electrónico", "mensaje", "boletín", "el",
    "su", "tu", "no", "puede", "puedes", "ve", "ves", "visualiza", "correctamente", "bien", "haga",
    "haz", "clic", "pulse", "pinche",
))  # fmt: skip
#: Lines that are a picture, or drawn.
_NOTHING = re.compile(
    r"(?:\[(?:cid|image|bild|imagen):[^\]]{0,300}\]|\w{8,24}Banner(?:Start|End)|[-_=*~#+·•|\s]{3,})",
    re.IGNORECASE,
)


def without_beginning(lines):
    """The lines of a text body without what others put above its words.

    :param lines: list of lines, without blanks around them
    :return: list of lines; empty if there is nothing else
    """
    begin, warned = 0, False
    for _paragraph in range(_MAX_PARAGRAPHS):
        while begin < len(lines) and (not lines[begin] or _NOTHING.fullmatch(lines[begin])):
            begin += 1
        if begin == len(lines):
            return []
        if other := _of_elsewhere(lines, begin):
            rest, begin = other
        else:
            found = _after_warning(lines, begin, warned)
            if not found:
                break
            rest, begin = found
            warned = True
        if rest:
            return [rest, *lines[begin:]]
    return lines[begin:]


def _of_elsewhere(lines, begin):
    """What is left of the line that says how else the email can be read, and the number of the line
    after it; None if it says nothing of that."""
    line = lines[begin]
    following = lines[begin + 1] if begin + 1 < len(lines) else ""
    if not _LINK.sub("", line).strip():  # a link alone
        return ("", begin + 1) if following and _is_elsewhere(following, "") else None
    if _is_elsewhere(line, following):
        is_linked = following and not _LINK.sub("", following).strip()
        return "", begin + 1 + bool(is_linked)
    cells = line.split(" | ")
    kept = [cell for cell in cells if not _is_elsewhere(cell, "")]
    return (" | ".join(kept), begin + 1) if len(kept) < len(cells) else None


def _is_elsewhere(line, following):
    bare = _LINK.sub(" ", line)
    words = [word.lower() for word in _WORD.findall(bare[:200])]
    if (
        len(bare) > 150
        or not _WAYS.intersection(words)
        or not _WAYS.union(_BETWEEN).issuperset(words)
    ):
        return False
    if bare != line or _LINK.match(following):
        return True
    # Without a link, a question or a longer sentence may be the sender's.
    return (len(words) > 1 and len(words) <= 6 and not bare.rstrip().endswith(("?", ".", "!"))) or (
        bool(following) and bare.rstrip().endswith("?") and _is_elsewhere(following, "")
    )


def _after_warning(lines, begin, warned, headed=False):
    """What is left of the line in which a gateway's warning ends, and the number of the line after it;
    None if there is no warning.

    :param bool warned: there was one above; its advice may be a paragraph of its own
    :param bool headed: the paragraph above was a warning's heading
    """
    seen, rest = set(), ""
    for start, end, text in _units(lines, begin):
        sentences = _SENTENCE.split(text)
        for place, sentence in enumerate(sentences):
            kinds, own = _kinds(sentence, warned or bool(seen & {"sure", "likely"}))
            seen |= kinds
            if own:
                if place or kinds:
                    rest, start = " ".join([own, *sentences[place + 1 :]]), end
                break
        else:
            start = end
            continue
        break
    if seen == {"heading"} and not rest and not headed:
        while start < len(lines) and not lines[start]:
            start += 1
        return _after_warning(lines, start, warned, True) if start < len(lines) else None
    is_warning = "sure" in seen or ("likely" in seen and (headed or len(seen) > 1))
    return (rest, start) if is_warning or (warned and "advice" in seen) else None


def _units(lines, begin):
    """The lines of a paragraph, broken ones put together: (number of the first, of the one after the
    last, text)."""
    number, size = begin, 0
    while number < len(lines) and lines[number] and size < _MAX_LENGTH:
        start, text = number, lines[number]
        number += 1
        while (
            number < len(lines)
            and lines[number]
            and len(text) < _MAX_LENGTH
            and (lines[number][0].islower() or len(lines[number - 1]) >= _BROKEN)
            and text[-1] not in ".!?:>*|]"
        ):
            text = f"{text} {lines[number]}"
            number += 1
        size += len(text)
        yield start, number, text


def _kinds(sentence, is_warned):
    """What a sentence is of a warning: set of "sure", "likely", "heading" and "advice"; and what of it
    is none of these."""
    kinds, said = set(), _MARKER.sub("", sentence[:_MAX_LENGTH]).strip()
    if tag := _TAG.match(said):
        kinds.add("sure")
        sentence = said = said[tag.end() :]
    if heading := _HEADING.match(said):
        kinds.add("heading")
        said = said[heading.end() :]
    said = _LINK.sub("", said).strip(_AROUND)
    if named := _NAMED.match(said):
        kinds.add("likely")
        said = said[named.end() :].strip(_AROUND)
    if not said:
        return kinds, ""
    for kind, pattern in (("sure", _SURE), ("likely", _LIKELY)):
        if pattern.fullmatch(said):
            return kinds | {kind}, ""
    if (is_warned or kinds & {"sure", "likely"}) and _ADVICE.match(said):
        return kinds | {"advice"}, ""
    return kinds & {"sure"}, sentence
