"""Why an email did not reach somebody, in sentences that say what to do: for people who write emails,
not for those who look after servers.

The phrase book (:mod:`.phrase_book`) knows what Odoo has to do when a server says something; this, what
its user has to. No sentence names a code, a server, or what it said: these are details.
"""

import re
from typing import NamedTuple

from ..cases import CODES
from ..words import _lt

#: Longest part of a server's words that is looked at.
LONGEST = 1000

#: Who said it, addresses, links, hosts and IP addresses: names, whose words and numbers mean nothing.
#: The names of block lists do.
_NAMES = re.compile(
    r"\bhost \S{1,300} said:|<[^<>\s]{1,300}>|\bhttps?://\S{1,300}"
    r"|\[?(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}\b\]?"
    r"|[\w.+-]{1,64}@[\w.-]{1,250}|\b(?<![\w.-])[\w-]{1,63}(?:\.[\w-]{1,63}){0,9}\.[a-z]{2,20}\b"
)
_LISTS = re.compile(
    r"dnsbl|\brbl|\bbl\.|blacklist|spamhaus|spamcop|barracudacentral|sorbs|uceprotect", re.I
)

_NOT_FROM_HERE = _lt(
    "The mail server doesn't let this mailbox send from this address. Tell whoever looks after this "
    "mailbox."
)


class Cause(NamedTuple):
    """What servers say, as a pattern, and what it means."""

    pattern: re.Pattern
    sentence: str


def _says(pattern):
    """``pattern`` compiled; ``(_ )`` in it stands for any word."""
    return re.compile(pattern.replace("(_ )", r"(\S{1,30} )"), re.I)


#: The first that fits counts. Words come before codes, because servers use the codes of others.
CAUSES = (
    Cause(
        _says(r"smtputf8|\b[45]\.6\.7\b"),
        _lt(
            "The mail server can't send to addresses with accented or other special letters before "
            "the @. Ask them for another address."
        ),
    ),
    # Of whoever sends, in words that are otherwise said of whoever receives.
    Cause(
        _says(
            r"(sending|sender|submission|outbound|daily|hourly|per (day|hour)|relay) "
            r"(_ ){0,3}(limit|quota)"
            r"|submissionquota|\b[45]\.4\.5\b|(limit|quota) (_ ){0,3}(daily|hourly|per (day|hour))"
        ),
        _lt("More emails were sent than the mail server allows. Try again later."),
    ),
    Cause(
        _says(
            r"\b[45]\.1\.([78]|90)\b"
            r"|\bsender (_ ){0,2}(verif|reject\w{0,5}\b(?!: access)|unknown|invalid)"
            r"|(invalid|bad|unknown|verify) sender|outboundspam"
            r"|expéditeur (_ )?(refus|inconnu|invalid|rejet)"
            r"|(your|sender.?s?) account (_ ){0,4}(suspended|blocked|disabled|locked)"
            r"|send as this sender"
            r"|verification failed (_ ){0,5}sender"
            r"|absender(adresse)? (_ ){0,3}(abgelehnt|ung(ü|ue)ltig|unbekannt)"
            r"|remitente (_ ){0,3}(rechazad|inválid|desconocid)"
        ),
        _NOT_FROM_HERE,
    ),
    Cause(
        _says(
            r"\b[45]\.2\.2\b|(mail)?box (_ ){0,2}full|over ?-?quota|quota (_ )?exceed"
            r"|exceed\w{0,3} (_ )?(storage|quota)|out of storage|storage (allocation|limit)"
            r"|insufficient (?!system)(_ )?storage"
            r"|(postfach|posteingang|briefkasten) (_ ){0,4}voll\b"
            r"|speicherplatz (_ ){0,3}(ersch(ö|oe)pft|voll)|quota (ü|ue)berschritten"
            r"|(bo(î|i)te|bal|messagerie) (_ ){0,5}(pleine|satur(é|e)e)"
            r"|(buz(ó|o)n|bandeja) (_ ){0,5}llen[oa]"
        ),
        _lt("The mailbox is full. Try again later, or contact them another way."),
    ),
    Cause(
        _says(
            r"\b[45]\.(2\.3|3\.4)\b|size (_ ){0,3}exceed|exceed\w{0,3} (_ ){0,4}size"
            r"|too (big|large)|size limit|zu gro(ß|ss)|(ü|ue)berschreitet (_ ){0,3}gr(ö|oe)(ß|ss)e"
            r"|trop (volumineux|gros|grand)|dépasse (_ ){0,3}taille|demasiado grande"
            r"|excede (_ ){0,3}tama(ñ|n)o"
        ),
        _lt("The email is too large for them. Leave out attachments, or send them as links."),
    ),
    Cause(
        _says(
            r"virus|malware|infected"
            r"|(attachment|file)s? (_ ){0,4}(not allowed|blocked|banned|reject)"
            r"|(banned|blocked|forbidden|illegal) (_ )?(attachment|file)|potential security issue"
        ),
        _lt(
            "The mail server doesn't let an attachment or a link pass. Leave it out, or send it another "
            "way."
        ),
    ),
    Cause(
        _says(
            r"\b(spf|dkim|dmarc|dnsbl|rbl|ptr record|reverse dns|rdns)\b|unauthenticated|spamhaus"
            r"|spamcop|barracudacentral|(black|block|deny)[ -]?list|reputation|banned sending ip"
            r"|helo command rejected|(reverse|your) hostname|ptr resource record"
            r"|sender policy framework"
            r"|\b[45]\.7\.(2\d|9|509|515|606)\b"
            r"|(client host|sending (ip|mta)|\bip\b) (_ ){0,4}block"
        ),
        _lt(
            "Their mail server doesn't trust the one that your emails come from. Tell whoever looks "
            "after your mailbox, and contact them another way."
        ),
    ),
    Cause(
        _says(r"spam|unsolicited|\bjunk\b|\bbulk\b|content (_ ){0,2}(reject|denied)"),
        _lt(
            "The email was taken for unwanted advertising. Write it in other words, or contact them "
            "another way."
        ),
    ),
    Cause(
        _says(
            r"too (quickly|fast)|gr[ae]y-?list|receiving mail at a rate"
            # What a server says of a mailbox for now is no word about whether there is one.
            r"|^(\[?4\.\d\.\d+\]? )?4\d\d\b.{0,200}\b(unavailable|b?locked|disabled|unverified|lookup)"
            r"|temporar\w{1,4} (unavailable|locked|disabled|blocked|rejected|deferred|lookup)"
        ),
        _lt(
            "Their mail server doesn't accept the email right now. Try again later, or contact them "
            "another way."
        ),
    ),
    Cause(
        _says(
            r"\b[45]\.1\.2\b|\bnull ?mx\b|nxdomain|\bno (such|valid|mx) (_ )?(domain|host|record)"
            r"|(domain|host)( name)? (_ ){0,3}(not found|not exist|unknown|invalid|n.t exist|no mx)"
            r"|unrout\w{1,9} (mail )?domain|(does ?n.t|does not) accept (e-?)?mail\b(?! from)"
            r"|non-existent hosts?\b"
            r"|find (_ ){0,2}(host named|mail exchanger)"
            r"|dom(ain|äne) (_ ){0,3}(nicht gefunden|existiert nicht|unbekannt)"
            r"|domaine (_ ){0,3}(n.existe pas|inconnu|introuvable)"
            r"|dominio (_ ){0,3}(no existe|desconocido)"
        ),
        _lt(
            "The domain of this address does not exist or doesn't accept email. Check what comes after "
            "the @."
        ),
    ),
    Cause(
        _says(
            r"\b[45]\.2\.1\b|(mailbox|account|user|address|recipient) (_ ){0,6}(disabled|inactive"
            r"|suspended|closed|deactivated|no longer)|(mailbox|account) (_ ){0,3}(blocked|locked)"
            r"|(postfach|konto) (_ ){0,4}(gesperrt|deaktiviert|geschlossen|nicht mehr aktiv)"
            r"|(compte|boîte|cuenta|buzón) (_ ){0,4}(désactivée?|fermée?|suspendue?"
            r"|desactivad[oa]|cerrad[oa])"
        ),
        _lt("The mailbox is closed. Ask them for another address."),
    ),
    Cause(
        _says(
            r"\b[45]\.1\.(0|1|3|6|10)\b|recipientnotfound|unroutea?ble address"
            r"|(no such|unknown|invalid|bad|non-?existent) (_ )?"
            r"(user|recipient|mailbox|address|account|person)"
            r"|(user|recipient|mailbox|address|account|inbox)\b:? (_ ){0,8}"
            r"(unknown|not? found|unavailable|invalid|(does ?n.t|do not|does not|not) exist"
            r"|not (be )?(found|known|valid|listed|here))"
            r"|does ?n.t have an? (_ )?account|no mailbox"
            r"|\b5\.4\.1\b (_ ){0,3}recipient address rejected"
            r"|(unbekannter?|ung(ü|ue)ltiger?) (empf(ä|ae)nger|adresse|benutzer)"
            r"|(empf(ä|ae)nger(adresse)?|adresse|benutzer|postfach) (_ ){0,3}(unbekannt"
            r"|nicht gefunden|existiert nicht)"
            r"|(utilisateur|destinataire|adresse|boîte) (_ ){0,3}(inconnue?|introuvable|n.existe pas)"
            r"|(usuario|destinatario|dirección|buzón) (_ ){0,3}(desconocid[oa]"
            r"|no existe|no encontrad[oa])"
        ),
        _lt("This address does not exist. Check how it is written, or contact them another way."),
    ),
    Cause(
        _says(
            r"\b[45]\.4\.7\b|expired|g(i|a)v(e|en|ing) up|retry time|for too long"
            r"|\b(queue|delivered|deliver|tried|trying) (_ ){0,8}days\b|seit (_ ){0,2}tagen"
        ),
        _lt(
            "Their mail server did not accept the email for several days. Try again later, or contact "
            "them another way."
        ),
    ),
    Cause(
        _says(
            r"\b[45]\.4\.(?!6\b|14\b)\d+\b|timed? ?out|(connection|session) (_ ){0,2}(refused"
            r"|reset|lost|dropped|closed|time)|unreachable|no route|not respond"
            r"|keine verbindung"
            r"|(can ?not|can.t|could not|could ?n.t|unable to) (connect|establish|contact)"
        ),
        _lt("Their mail server can't be reached. Try again later, or contact them another way."),
    ),
    Cause(
        _says(
            r"^(\[?\d\.\d+\.\d+\]? )?4\d\d\b|\b4\.[0-7]\.\d{1,3}\b|try (_ )?later|temporar"
            r"|temporaire|vor(ü|ue)bergehend"
        ),
        _lt(
            "Their mail server doesn't accept the email right now. Try again later, or contact them "
            "another way."
        ),
    ),
    Cause(
        _says(
            r"\b5\.7\.\d+\b|relay|denied|reject|refus|prohibited|policy|not (authori[sz]ed|allowed"
            r"|permitted"
            r"|accept)|authentication required|mail loop|too many hops|abgelehnt|verweigert"
            r"|rechazad|rejeté"
        ),
        _lt("The mail server refuses the email. Contact them another way."),
    ),
)

UNKNOWN = _lt("The email could not be delivered. Check the address, or contact them another way.")

#: What a code of :data:`..cases.CODES` says to whoever sends, where its own sentence is for those who
#: look after the account: it names a server, or what to choose on the account's form.
_LATER = _lt("The mail server can't be reached right now.")
_SETTINGS = _lt(
    "The mail server can't be used as it is set up. Tell whoever looks after this mailbox."
)
_SIGN_IN = _lt("The mail server doesn't accept the sign-in. Tell whoever looks after this mailbox.")
_NO_SIGN_IN = _lt("Odoo can't sign in to the mail server. Tell whoever looks after this mailbox.")
OF_SENDING = {
    **dict.fromkeys(
        (
            "refused", "timeout", "unreachable", "deadline", "too_much", "not_connected",
            "not_connected_long", "sign_in_unavailable",
        ),
        _LATER,
    ),
    **dict.fromkeys(
        (
            "host_not_found", "private_host", "port_not_allowed", "tls_untrusted", "tls_wrong_name",
            "tls_expired", "tls_failed", "starttls_unavailable", "token_in_clear", "unencrypted",
            "oauth_unsupported", "oauth_client", "login_unsupported", "name_refused", "preauth",
            "cannot_delete", "no_host",
        ),
        _SETTINGS,
    ),
    **dict.fromkeys(
        ("auth_failed", "not_signed_in", "sign_in_again", "signed_in_as_another", "token_refused"),
        _SIGN_IN,
    ),
    **dict.fromkeys(
        (
            "no_password", "password_unreadable", "key_unusable", "app_password_required",
            "oauth_required", "sign_in_over", "token_unreadable",
        ),
        _NO_SIGN_IN,
    ),
    "owner_left": _lt("Whoever looked after this mailbox has left. Tell an administrator."),
    "sending_blocked": _lt(
        "The provider has stopped this mailbox from sending. Tell whoever looks after it."
    ),
    **dict.fromkeys(
        ("smtp_disabled", "imap_disabled"),
        _lt("Sending is switched off for this mailbox. Tell whoever looks after it."),
    ),
    "deferred": _lt("The mail server doesn't accept the email right now."),
    "rejected": _lt(
        "The mail server refuses the email. Check the recipients' addresses, or contact them another "
        "way."
    ),
    "too_large": _lt(
        "The email is larger than the mail server allows. Leave out attachments, or send them as links."
    ),
    "sender_refused": _NOT_FROM_HERE,
    "no_smtputf8": CAUSES[0].sentence,
    "uncertain": _lt(
        "The connection was lost after the email was handed over. It may or may not have been sent."
    ),
}  # fmt: skip


def _stand_in(name):
    if name[0].endswith(" said:"):
        return ""
    return name[0] if _LISTS.search(name[0]) else "-"


def why(words, unknown=UNKNOWN):
    """What to say about a recipient whom an email did not reach.

    :param str words: what a mail system said, with its status code if there is one
    :param str unknown: the sentence when that says nothing
    :return: a sentence, in English, to be translated
    """
    text = " ".join(_NAMES.sub(_stand_in, words[:LONGEST]).split())
    return next((cause.sentence for cause in CAUSES if cause.pattern.search(text)), unknown)


def why_not_sent(error, translate):
    """What to say about an email that could not be sent, to whoever sent it.

    :param MailboxError error: why not
    :param translate: as for :meth:`..errors.MailboxError.sentence`
    """
    sentence = OF_SENDING.get(error.code)
    if error.code in ("deferred", "rejected"):
        return translate(why(error.detail, sentence))
    return translate(sentence) if sentence else error.sentence(translate)


def what_was_said(error, translate):
    """The details beside :func:`why_not_sent`: which server it was, and what it said.

    :param MailboxError error: why not
    :param translate: as for :meth:`..errors.MailboxError.sentence`
    """
    details = error.details(translate)
    if "%(detail)s" in CODES[error.code].sentence and error.code in OF_SENDING:
        details = "\n".join(filter(None, (error.sentence(translate), details)))
    return ": ".join(filter(None, (error.host, details)))
