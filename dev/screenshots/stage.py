"""The part that happens inside Odoo (see ``odoo_call`` in dev/project.py): what the demo lacks.

An account in each condition, an email that has just come, and one that was refused.
"""

import ssl
from datetime import datetime, timezone
from email.message import EmailMessage
from email.utils import format_datetime

from imapclient import IMAPClient

from dev.demo.in_odoo import MODULE
from dev.demo.letter import OUR_SERVER
from dev.demo.people import ADA, CLUB, US
from dev.demo.run import PASSWORD

#: A port at which nobody listens.
CLOSED = 1


def main(env, request):
    """Add what the screenshots show beside the demo.

    :param request: dict of ``nameserver`` (where the wizard asks) and ``refusing_port`` (of an SMTP
        server that takes nothing)
    :return: dict of ``ids`` (records by name) and ``problems`` (list of texts): a part that fails does
        not stop the others
    """
    # What the administrator of the screenshots has made.
    env = env(user=env.ref("base.user_admin"), su=True)
    env["ir.config_parameter"].set_param("crm_member_mail.nameservers", request["nameserver"])
    ids = {
        name: env.ref(f"{MODULE}.{name}").id
        for name in ("account", "ada", "tidewater", "bruno", "meiling")
    }
    problems = []
    for part in (_counted, _news, _refused, _unreachable, _private, _unfinished, _signs_in):
        try:
            ids |= part(env, request) or {}
            env.cr.commit()
        except Exception as error:
            env.cr.rollback()
            problems.append(f"{part.__name__.strip('_')}: {error!r}")
        env.invalidate_all()
    return {"ids": ids, "problems": problems}


def _account(env):
    return env.ref(f"{MODULE}.account")


def _another(env, email, **values):
    """Another account that signs in to the demo's mailbox."""
    account = _account(env)
    names = [
        f"{protocol}_{name}"
        for protocol in ("imap", "smtp")
        for name in ("host", "port", "encryption", "login")
    ]
    servers = {name: account[name] for name in names}
    return env["member.mail.account"].create(
        {"name": CLUB, "email": email, "auth_method": "password", **servers,
         "imap_password": PASSWORD, **values}
    )  # fmt: skip


def _counted(env, _request):
    """Every email of the mailbox is accounted for."""
    account = _account(env)
    account.action_check()
    env.cr.commit()
    account._scan()


def _news(env, _request):
    """An email that came after the mailbox was registered: it is unread."""
    letter = EmailMessage()
    now = datetime.now(timezone.utc)
    letter["From"], letter["To"], letter["Date"] = ADA, US, format_datetime(now)
    letter["Subject"] = "Drawing class on Wednesdays"
    letter["Message-ID"] = "<ada-class@mail.example>"
    letter["Authentication-Results"] = f"{OUR_SERVER}; dmarc=pass"
    letter.set_content(
        "Good morning,\n\nwould the club like a drawing class, Wednesdays at six? I would need the\n"
        "large table and good light; up to eight people.\n\nAda\n"
    )
    account = _account(env)
    context = ssl.create_default_context()
    with IMAPClient(account.imap_host, account.imap_port, ssl_context=context) as client:
        client.login(account.imap_login, PASSWORD)
        client.append("INBOX", letter.as_bytes(), msg_time=now)
    account._scan()


def _refused(env, request):
    """An answer that the mail server did not take."""
    account, contact = _account(env), env.ref(f"{MODULE}.meiling")
    answered = env["member.mail.message"].search(
        [("partner_ids", "in", contact.ids), ("direction", "=", "in")], limit=1
    )
    action = env["member.mail.draft"].open_draft(
        "res.partner", contact.ids, mode="reply", answered_id=answered.id
    )
    draft = env["member.mail.draft"].browse(action["res_id"])
    draft.body = (
        "<p>Dear Mei-Ling,</p><p>the Lookout is yours on the 14th, from nine to noon.</p>"
        f"{draft.body}"
    )
    draft.action_send()
    port = account.smtp_port
    account.smtp_port = request["refusing_port"]
    account.smtp_password = PASSWORD
    messages = env["member.mail.message"].search([("state", "=", "outgoing")])
    messages.action_send_now()
    env.cr.commit()
    env.ref("crm_member_mail.ir_cron_send").method_direct_trigger()
    env.cr.commit()
    env.invalidate_all()
    account.smtp_port = port
    account.action_test_connection()


def _unreachable(env, _request):
    """An account whose server does not answer."""
    account = _another(env, "bookings@harbourclub.example", imap_port=CLOSED)
    env.cr.commit()
    account._scan()


def _private(env, _request):
    """A colleague's private mailbox."""
    colleague = env["res.users"].create(
        {"name": "Mara Voss", "login": "mara", "email": "mara@harbourclub.example",
         "group_ids": [(4, env.ref("sales_team.group_sale_salesman").id)]}
    )  # fmt: skip
    account = _another(
        env,
        "mara@harbourclub.example",
        name="Mara Voss",
        user_id=colleague.id,
        visibility="private",
    )
    env.cr.commit()
    account.action_test_connection()


def _unfinished(env, _request):
    """A set-up that is at its last screen."""
    accounts = env["member.mail.account"]
    account = accounts.browse(accounts.setup_begin("office@harbourclub.example"))
    settled = _account(env)
    names = ("host", "port", "encryption", "login")
    account.write(
        {
            "setup_screen": "signin", "imap_password": PASSWORD,
            **{f"imap_{name}": settled[f"imap_{name}"] for name in names},
            **{f"smtp_{name}": settled[f"smtp_{name}"] for name in names},
        }
    )  # fmt: skip
    env.cr.commit()
    account.setup_test()
    return {"unfinished": account.id}


def _signs_in(env, _request):
    """An account that nobody has signed in to with Microsoft yet."""
    account = env["member.mail.account"].create(
        {
            "name": CLUB, "email": "team@harbourclub.example",
            "provider_id": env.ref("crm_member_mail.provider_office365").id,
        }
    )  # fmt: skip
    return {"signs_in": account.id}
