from odoo.tools import SQL

from odoo.addons.crm_member_mail.mailbox.mime import defects

#: Sentences of 19.0.1.0.0, which are stored in English and translated when they are shown.
FORMER = {
    "There were too many parts; the last ones were left out.": defects.TOO_MANY_PARTS,
    "The parts are nested too deep; the innermost are not shown.": defects.TOO_DEEP,
    "The text was too long; its end was left out.": defects.TEXT_CUT,
    "The header was too long; a part of it was left out.": defects.HEADER_CUT,
    "A charset was named wrongly and had to be guessed.": defects.CHARSET_GUESSED,
    "This email is large; its attachments stay on the mail server.": defects.LARGE,
    "This email is large and the server can't tell its parts; only its beginning is shown.": (
        defects.UNTOLD
    ),
}


def migrate(cr, _version):
    """Say what is wrong with emails in the words that are translated."""
    for former, now in FORMER.items():
        cr.execute(
            SQL(
                "UPDATE member_mail_message SET defects = replace(defects, %(former)s, %(now)s)"
                " WHERE strpos(defects, %(former)s) > 0",
                former=former,
                now=now,
            )
        )
