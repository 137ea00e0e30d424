"""What mail servers say, and what it means: the one place where their words are known.

A server's refusal is read from the top; the first phrase that fits decides. So what only one provider
says stands before what many say. `tests/engine/net/test_phrase_book.py` has each example give its code,
so that no phrase hides one below it.
"""

import re
from typing import NamedTuple

from ..cases import passes, remedy_of

IMAP, SMTP, BOTH = "imap", "smtp", "imap smtp"

#: When it is said: as the connection begins, as one signs in; IMAP: as a folder is opened, as it is read
#: (and everything else), as a copy is stored; SMTP: after MAIL, RCPT, DATA and after the email itself.
GREETING, LOGIN = "greeting", "login"
SELECT, READ, APPEND = "select", "read", "append"
MAIL, RCPT, DATA = "mail", "rcpt", "data"
ANY = (GREETING, LOGIN, SELECT, READ, APPEND, MAIL, RCPT, DATA)
SIGN_IN, SENDING = (GREETING, LOGIN), (MAIL, RCPT, DATA)

#: Seconds after which a limit for so many minutes, hours or days is tried again. Those for days are
#: mostly counted back from now, so there is some room again after an hour or two.
_MINUTES, _HOURS, _DAYS = 600, 3600, 7200


class Phrase(NamedTuple):
    """One thing that servers say.

    :ivar str pattern: a regular expression, in which the case of letters doesn't matter
    :ivar str protocol: IMAP, SMTP or BOTH
    :ivar tuple stages: when it is said
    :ivar str code: of :data:`~..cases.CODES`, which has what Odoo and people do about it
    :ivar str example: an answer as a server gave it
    :ivar str source: where the words, or their meaning, are from
    :ivar wait: seconds after which to try again, None where the code's own pauses are right
    """

    pattern: str
    protocol: str
    stages: tuple
    code: str
    example: str
    source: str
    wait: int | None = None

    @property
    def passes(self):
        """Whether it may be over by itself."""
        return passes(self.code)

    @property
    def remedy(self):
        """What a person does about it."""
        return remedy_of(self.code)


PHRASES = (
    # -- one connection more than they allow, whatever else they say -------------------------------
    Phrase(
        r"STOREDRV\.ClientSubmit; sender thread limit|concurrent connections .*exceeded a limit",
        SMTP, ANY, "sending_limit",
        "432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded",
        "Microsoft Learn, Improvements in the SMTP Authentication protocol", 60,
    ),
    Phrase(
        r"mails per session limit",
        SMTP, ANY, "sending_limit",
        "451-Requested action aborted 451 Mails per session limit",
        "bug report: terminal42/contao-notification_center, To many mails per session error (IONOS)",
        60,
    ),
    Phrase(
        r"too many (\w+ ){0,3}(connections|sessions)",
        BOTH, ANY, "too_many_connections",
        "NO [ALERT] Too many simultaneous connections. (Failure)",
        "Gmail Help, Too many simultaneous connections error",
    ),
    Phrase(
        r"max(imum)?( number of)? (\w+ ){0,2}(connections|sessions)",
        BOTH, ANY, "too_many_connections",
        "NO [UNAVAILABLE] Maximum number of connections from user+IP exceeded "
        "(mail_max_userip_connections=10)",
        "Dovecot, mail_max_userip_connections",
    ),
    Phrase(
        r"(connections?|sessions?) limit|limit (of|on|for) (\w+ ){0,2}(connections|sessions)",
        BOTH, ANY, "too_many_connections",
        "BYE Concurrent connections limit exceeded",
        "Exchange Server, MaxConnectionsPerUser of Set-ImapSettings",
    ),
    Phrase(
        r"exceed\w* (\w+ ){0,4}(connections|sessions)|(connections|sessions) (\w+ ){0,2}exceed",
        BOTH, ANY, "too_many_connections",
        "NO You exceeded the number of allowed sessions",
        "RFC 5530 section 3 (LIMIT), in a server's own words",
    ),
    # -- what only some providers say when one signs in --------------------------------------------
    Phrase(
        r"application-specific|app(lication)? password|InvalidSecondFactor",
        BOTH, SIGN_IN, "app_password_required",
        "534-5.7.9 Application-specific password required.",
        "Google Workspace Admin Help, Gmail SMTP errors and codes",
    ),
    Phrase(
        r"yet to enable IMAP|enable IMAP for your account",
        IMAP, ANY, "imap_disabled",
        "NO [ALERT] You are yet to enable IMAP for your account. Please contact your administrator "
        "(Failure)",
        "Zoho Mail Help, IMAP access",
    ),
    Phrase(
        r"not enabled for IMAP|IMAP (access )?(is )?(disabled|not enabled)",
        IMAP, ANY, "imap_disabled",
        "NO [ALERT] Your account is not enabled for IMAP use. Please visit your Gmail settings page",
        "Gmail Help, Add Gmail to another email client",
    ),
    Phrase(
        r"web browser|WEBALERT|WebLoginRequired",
        BOTH, SIGN_IN, "app_password_required",
        "NO [ALERT] Please log in via your web browser: "
        "https://support.google.com/mail/accounts/answer/78754 (Failure)",
        "Gmail Help, Can't sign in to your email client",
    ),
    Phrase(
        r"SmtpClientAuth\w* is disabled",
        SMTP, ANY, "smtp_disabled",
        "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.",
        "Microsoft Learn, Enable or disable authenticated client SMTP submission",
    ),
    Phrase(
        r"5\.7\.139|5\.7\.30\b|basic authentication is (disabled|not supported)",
        BOTH, ANY, "oauth_required",
        "550 5.7.30 Basic authentication is not supported for Client Submission.",
        "Exchange Team Blog, Exchange Online to retire Basic auth for Client Submission",
    ),
    Phrase(
        r"authenticated but not connected",
        IMAP, ANY, "not_connected",
        "BAD User is authenticated but not connected.",
        "bug report: jstedfast/MailKit, Can't connect any longer; mscdex/node-imap, User is "
        "authenticated but not connected",
    ),
    Phrase(
        r"maximum credits exceeded",
        SMTP, ANY, "sending_limit",
        "451 Authentication failed: Maximum credits exceeded",
        "bug report: mautic/mautic, Test connection with Sendgrid", _DAYS,
    ),
    Phrase(
        r"helo command rejected|need fully-qualified hostname|invalid (helo|ehlo)",
        SMTP, ANY, "name_refused",
        "504 5.5.2 <odoo>: Helo command rejected: need fully-qualified hostname",
        "Postfix, reject_non_fqdn_helo_hostname",
    ),
    # -- who may not send as whom -------------------------------------------------------------------
    Phrase(
        r"5\.7\.60|permissions? to send as this sender|SendAsDenied|not allowed to send as\b",
        SMTP, SENDING, "sender_refused",
        "550 5.7.60 SMTP; Client does not have permissions to send as this sender",
        "Microsoft Learn, Fix email delivery issues for error code 550 5.7.60",
    ),
    Phrase(
        r"not owned by (auth )?user",
        SMTP, SENDING, "sender_refused",
        "553 5.7.1 <office@club.example>: Sender address rejected: not owned by user info@club.example",
        "Postfix, reject_authenticated_sender_login_mismatch; Yandex, Sender address rejected: not "
        "owned by auth user",
    ),
    Phrase(
        r"sender address (is )?not allowed",
        SMTP, SENDING, "sender_refused",
        "550-Requested action not taken: mailbox unavailable 550 Sender address is not allowed.",
        "IONOS Help, error messages when sending emails; the same servers: GMX, WEB.DE",
    ),
    Phrase(
        r"relaying disallowed as",
        SMTP, SENDING, "sender_refused",
        "553 Relaying disallowed as office@club.example",
        "Zoho ZeptoMail Help, SMTP error codes",
    ),
    Phrase(
        r"from address is not one of your addresses",
        SMTP, SENDING, "sender_refused",
        "550 5.7.0 From address is not one of your addresses.",
        "iCloud Mail, as its users report it",
    ),
    Phrase(
        r"not local sender over smtp",
        SMTP, SENDING, "sender_refused",
        "550 not local sender over smtp",
        "Mail.ru, as its users report it",
    ),
    Phrase(
        r"not authori[sz]ed to send from this",
        SMTP, SENDING, "sender_refused",
        "551 5.7.1 Not authorised to send from this header address",
        "Fastmail, as its users report it",
    ),
    Phrase(
        r"does not match a verified sender identity",
        SMTP, SENDING, "sender_refused",
        "550 The from address does not match a verified Sender Identity. Mail cannot be sent until this "
        "error is resolved.",
        "SendGrid Docs, Sender Identity",
    ),
    Phrase(
        r"(email|sender|from) address (is )?not verified",
        SMTP, SENDING, "sender_refused",
        "554 Message rejected: Email address is not verified. The following identities failed the check "
        "in region EU-NORTH-1: office@club.example",
        "Amazon SES Developer Guide, Amazon SES email sending errors",
    ),
    # -- who may not send at all --------------------------------------------------------------------
    Phrase(
        r"bad outbound sender|sender address blocked",
        SMTP, ANY, "sending_blocked",
        "550 5.1.8 Access denied, bad outbound sender.",
        "Microsoft Learn, Remove blocked users from the Restricted entities page; Zoho: 554 5.1.8 "
        "Sender Address Blocked",
    ),
    Phrase(
        r"is not allowed to send:",
        SMTP, SENDING, "sending_blocked",
        "421 Domain club.mailgun.org is not allowed to send: Sandbox subdomains are for test purposes "
        "only. Please add your own domain or add the address to authorized recipients in Account "
        "Settings.",
        "Mailgun Help, Authorized Recipients",
    ),
    # -- the recipient, not the one who sends -------------------------------------------------------
    Phrase(
        r"user you are trying to contact is receiving mail",
        SMTP, SENDING, "deferred",
        "450 4.2.1 The user you are trying to contact is receiving mail too quickly. Please resend your "
        "message at a later time.",
        "Google Workspace Admin Help, Gmail SMTP errors and codes",
    ),
    Phrase(
        r"[45]\.2\.2\b|mailbox (is )?full|over ?quota|out of storage|storage allocation",
        SMTP, (RCPT,), "recipient_full",
        "452 4.2.2 The email account that you tried to reach is over quota.",
        "Google Workspace Admin Help, Gmail SMTP errors and codes; RFC 3463 section 3.3 (X.2.2)",
    ),
    Phrase(
        r"too many recipients|[45]\.5\.3\b",
        SMTP, (RCPT,), "deferred",
        "452 4.5.3 Too many recipients",
        "RFC 5321 section 4.5.3.1.10",
    ),
    # -- limits of sending --------------------------------------------------------------------------
    Phrase(
        r"5\.4\.5\b|daily user sending|daily sending quota",
        SMTP, ANY, "sending_limit",
        "550 5.4.5 Daily user sending limit exceeded. For more information on Gmail sending limits go "
        "to https://support.google.com/a/answer/166852",
        "Google Workspace Admin Help, Gmail SMTP errors and codes", _DAYS,
    ),
    Phrase(
        r"SubmissionQuotaExceeded|submission quota (was |is )?exceeded",
        SMTP, ANY, "sending_limit",
        "554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException",
        "Microsoft Learn, Improvements in the SMTP Authentication protocol", _DAYS,
    ),
    Phrase(
        r"throttling failure|sending rate exceeded|daily message quota exceeded",
        SMTP, ANY, "sending_limit",
        "454 Throttling failure: Maximum sending rate exceeded.",
        "Amazon SES Developer Guide, Errors related to the sending quotas", _MINUTES,
    ),
    Phrase(
        r"exceeded your messaging limits",
        SMTP, ANY, "sending_limit",
        "451 You've exceeded your messaging limits",
        "bug report: WA-WF-Bot, Sendgrid api fail - send error to user", _DAYS,
    ),
    Phrase(
        r"(connection|sender|ip|domain) frequency limited",
        SMTP, ANY, "sending_limit",
        "550 Connection frequency limited. http://service.mail.qq.com/cgi-bin/help?subtype=1&id=20022",
        "QQ Mail Help, 550 Connection frequency limited", _HOURS,
    ),
    Phrase(
        r"mail send limit exceeded",
        SMTP, ANY, "sending_limit",
        "450-Requested mail action not taken: mailbox unavailable 450 Mail send limit exceeded",
        "IONOS Help, sending limits; the same servers: GMX, WEB.DE", _HOURS,
    ),
    Phrase(
        r"send quota exceeded",
        SMTP, ANY, "sending_limit",
        "550 Send quota exceeded",
        "T-Online: edvservice.bayern, T-Online: kein Versand von Emails möglich", _DAYS,
    ),
    Phrase(
        r"(exceeded|reached) (your|the|its) (\w+ )?(sending|send|mail|message) (limit|quota)",
        SMTP, ANY, "sending_limit",
        "550 5.7.1 a@icloud.com: You have exceeded your daily sending limit. Please try again later.",
        "Apple Support, iCloud: Mailbox size and message sending limits", _DAYS,
    ),
    Phrase(
        r"(mail|message|sending) limit has been reached",
        SMTP, ANY, "sending_limit",
        "550 5.7.1 Your mail limit has been reached.",
        "StartMail Support, Gesendet/empfangen Limit", _HOURS,
    ),
    Phrase(
        r"too many (e-?mails|messages)|too fast",
        SMTP, ANY, "sending_limit",
        "550 sorry, too many emails (#5.7.1)",
        "bug report: aschroder/Magento-SMTP-Pro-Email-Extension, sorry, too many emails (OVH)",
        _HOURS,
    ),
    Phrase(
        r"rate ?limit(ed)?\b",
        SMTP, ANY, "sending_limit",
        "451 Ratelimit exceeded for mailbox office@mail.ru. Try again later.",
        "Mail.ru, as its users report it; mailcow: 451 4.7.1 Ratelimit \"user\" exceeded", _HOURS,
    ),
    Phrase(
        r"exceeded the max (e-?mails|defers and failures) per hour",
        SMTP, ANY, "sending_limit",
        "550 Domain club.example has exceeded the max emails per hour (51/50 (102%)) allowed.  Message "
        "discarded.",
        "cPanel, The maximum hourly email by domain relayed", _HOURS,
    ),
    Phrase(
        r"(message|mail|recipient) (count |rate |hourly )?(quota|limit) exceeded",
        SMTP, ANY, "sending_limit",
        "450 message count quota exceeded",
        "aditsystems, Einschränkungen beim Versand von E-Mails", _HOURS,
    ),
    Phrase(
        r"unusual (sending activity|rate of unsolicited|rate of mail)",
        SMTP, ANY, "sending_limit",
        "550 5.4.6 Unusual sending activity detected. Please try after sometime",
        "Zoho Mail Help, 550 5.4.6 Unusual sending activity detected", _HOURS,
    ),
    Phrase(
        r"temporarily deferred due to (unexpected volume|user complaints)",
        SMTP, ANY, "sending_limit",
        "421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or "
        "user complaints - 4.16.55.1; see https://postmaster.yahooinc.com/error-codes",
        "Yahoo Sender Hub, SMTP Error Codes", _HOURS,
    ),
    Phrase(
        r"daily limit for message recipients|5\.1\.90\b",
        SMTP, ANY, "sending_limit",
        "550 5.1.90 Your message can't be sent because you've reached your daily limit for message "
        "recipients",
        "Microsoft Learn, Fix NDR error 550 5.1.90 in Exchange Online", _DAYS,
    ),
    Phrase(
        r"throttl|too many requests|bandwidth limit|4\.7\.[56]\d\d\b",
        SMTP, SENDING, "sending_limit",
        "451 4.7.500 Server busy. Please try again later from [192.0.2.1]. (S77719)",
        "Microsoft Learn, 4.7.500-699 (ASxxx)", _MINUTES,
    ),
    Phrase(
        r"^5\d\d\b.*(try|send|resend) .*(again|later)",
        SMTP, (MAIL, DATA), "sending_limit",
        "550-Requested action not taken: mailbox unavailable 550 Failure sending mail. Try again later.",
        "bug report: nodemailer/nodemailer, Can't send mail - all recipients were rejected", _MINUTES,
    ),
    # -- other refusals of an email -----------------------------------------------------------------
    Phrase(
        r"^53[0-9]\b|authentication required|not authenticated",
        SMTP, SENDING, "auth_failed",
        "530 5.7.0 Authentication Required.",
        "RFC 4954 section 6",
    ),
    Phrase(
        r"[45]\.3\.4\b|size (\w+ ){0,3}exceeds|message (is )?too (big|large)",
        SMTP, SENDING, "too_large",
        "552 5.3.4 Message size exceeds fixed limit",
        "Postfix, message_size_limit; RFC 1870 section 6",
    ),
    Phrase(
        r"[45]\.2\.2\b|mailbox (is )?full|over ?quota",
        SMTP, (MAIL, DATA), "mailbox_full",
        "554 5.2.2 mailbox full; STOREDRV.Submission.Exception:QuotaExceededException."
        "MapiExceptionShutoffQuotaExceeded",
        "Microsoft Learn, Improvements in the SMTP Authentication protocol",
    ),
    # -- too much, too often -------------------------------------------------------------------------
    Phrase(
        r"throttl|rate limit|too many (login|requests|attempts)|bandwidth limit",
        BOTH, ANY, "throttled",
        "NO [OVERQUOTA] Account exceeded command or bandwidth limits.",
        "Gmail Help, Gmail bandwidth limits",
    ),
    Phrase(
        r"\[(OVERQUOTA|ALERT)\].*(quota|full)|\[OVERQUOTA\]|quota exceeded|mailbox (for user )?is full",
        IMAP, ANY, "mailbox_full",
        "NO [OVERQUOTA] Quota exceeded (mailbox for user is full)",
        "RFC 9051 section 7.1 (OVERQUOTA); Dovecot, quota_exceeded_message",
    ),
    Phrase(
        r"\[LIMIT\]",
        IMAP, (LOGIN,), "too_many_connections",
        "NO [LIMIT] Not now",
        "our reading of RFC 5530 section 3 (LIMIT): signing in can have too much of nothing else",
    ),
    Phrase(
        r"\[LIMIT\]",
        IMAP, ANY, "throttled",
        "NO [LIMIT] At most 32 flags in one mailbox supported",
        "RFC 5530 section 3 (LIMIT)",
    ),
    # -- not now -------------------------------------------------------------------------------------
    Phrase(
        r"\[(UNAVAILABLE|INUSE)",
        IMAP, ANY, "unavailable",
        "NO [UNAVAILABLE] User's backend down for maintenance",
        "RFC 5530 section 3 (UNAVAILABLE, INUSE)",
    ),
    Phrase(
        r"\[SERVERBUG",
        IMAP, (SELECT,), "folder_missing",
        "NO [SERVERBUG] Internal error occurred. Refer to server log for more information.",
        "Dovecot, of a folder whose files it can't read: the other folders are fine",
    ),
    Phrase(
        r"\[SERVERBUG",
        IMAP, ANY, "server_error",
        "NO [SERVERBUG] This should not happen",
        "RFC 5530 section 3 (SERVERBUG)",
    ),
    Phrase(
        r"\[PRIVACYREQUIRED",
        IMAP, ANY, "login_unsupported",
        "NO [PRIVACYREQUIRED] Connection offers no privacy",
        "RFC 5530 section 3 (PRIVACYREQUIRED)",
    ),
    # -- folders --------------------------------------------------------------------------------------
    Phrase(
        r"\[NOPERM|permission denied|access denied|not permitted",
        IMAP, (SELECT,), "folder_missing",
        "NO [NOPERM] Permission denied (0.001 + 0.000 secs).",
        "RFC 5530 section 3 (NOPERM)",
    ),
    Phrase(
        r"command argument error",
        IMAP, (SELECT,), "folder_missing",
        "BAD Command Argument Error. 11",
        "bug report: thunderbird/thunderbird-android, BAD, Command Argument Error. 11 while fetching "
        "INBOX mails from Outlook",
    ),
    Phrase(
        r"\[NONEXISTENT|unknown mailbox|does ?n.t exist",
        IMAP, (SELECT,), "folder_missing",
        "NO [NONEXISTENT] Unknown Mailbox: Clients (now in authenticated state) (Failure)",
        "RFC 5530 section 3 (NONEXISTENT); Gmail",
    ),
    # -- passwords ------------------------------------------------------------------------------------
    Phrase(
        r"temporar(y|ily)|try again later|unavailable|internal (server )?error",
        IMAP, ANY, "unavailable",
        "NO Server Unavailable. 15",
        "bug report: lefcha/imapfilter, Rate Limiting? (Exchange)",
    ),
    Phrase(
        r"temporar(y|ily)|try again later|unavailable|internal (server )?error",
        SMTP, SIGN_IN, "unavailable",
        "454 4.7.0 Temporary authentication failure: Connection lost to authentication server",
        "Postfix, smtpd_sasl; RFC 4954 section 6",
    ),
    Phrase(
        r"(invalid|bad|incorrect|wrong) (credentials|user|login|password)",
        BOTH, SIGN_IN, "auth_failed",
        "NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)",
        "Gmail",
    ),
    Phrase(
        r"auth\w{0,12} fail|login fail|username and password not accepted|not authenticated",
        BOTH, SIGN_IN, "auth_failed",
        "535-5.7.8 Username and Password not accepted.",
        "Google Workspace Admin Help, Gmail SMTP errors and codes",
    ),
    Phrase(
        r"LOGIN (is )?disabled|plaintext (\w+ ){0,3}(disabled|not allowed|disallowed)",
        BOTH, SIGN_IN, "login_unsupported",
        "BAD [ALERT] Plaintext authentication not allowed without SSL/TLS, but your client did "
        "it anyway.",
        "Dovecot, disable_plaintext_auth; RFC 9051 section 6.2.3 (LOGINDISABLED)",
    ),
    Phrase(
        r"\[(AUTHENTICATIONFAILED|AUTHORIZATIONFAILED|EXPIRED|CONTACTADMIN)",
        IMAP, ANY, "auth_failed",
        "NO [AUTHORIZATIONFAILED] No such authorization-ID",
        "RFC 5530 section 3",
    ),
)  # fmt: skip

#: What a refused password means at some servers, whatever they say: pairs of a pattern of their names
#: and the code.
PASSWORDS = (
    # Microsoft Learn, Deprecation of Basic authentication in Exchange Online
    (re.compile(r"(outlook|office365|hotmail|live)\.(com|de|fr)$", re.I), "oauth_required"),
    # Their help pages on app passwords: Google, Apple, Yahoo, AOL
    (
        re.compile(r"(gmail\.com|googlemail\.com|mail\.me\.com|mail\.yahoo\.com|aol\.com)$", re.I),
        "app_password_required",
    ),
)

#: Codes for what a server says about a refused token in words that elsewhere mean a password.
ABOUT_PASSWORDS = {"auth_failed", "app_password_required", "oauth_required"}

#: How answers of SMTP begin, and those of IMAP don't (RFC 5321 section 4.2).
_REPLY_CODE = re.compile(r"[2-5]\d\d(?!\d)")

_COMPILED = tuple((re.compile(phrase.pattern, re.I), phrase) for phrase in PHRASES)


def look_up(text, protocol="", stage=""):
    """What a server says, by its words.

    :param str text: its answer, cleaned (:func:`~..errors.clean_detail`)
    :param str protocol: IMAP or SMTP; '' where the answer shows it
    :param str stage: when it said that; '' when it is not known
    :return: the Phrase, or None
    """
    protocol = protocol or (SMTP if _REPLY_CODE.match(text) else IMAP)
    for pattern, phrase in _COMPILED:
        said_there = protocol in phrase.protocol and (not stage or stage in phrase.stages)
        if said_there and pattern.search(text):
            return phrase
    return None
