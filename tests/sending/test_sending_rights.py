"""Who may send from which account, tried as an ordinary user would over RPC."""

import pytest

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.service.model import call_kw

from .test_sending import write
from .test_sending_faults import ada, queue, sender, smtp, work  # noqa: F401

REFUSALS = (AccessError, UserError, ValidationError)


@pytest.fixture
def user(env):
    """An ordinary salesperson."""
    groups = [env.ref("sales_team.group_sale_salesman"), env.ref("base.group_partner_manager")]
    name = f"salesman{env['res.users'].search_count([])}"
    values = {"name": name, "login": name, "email": f"{name}@club.example"}
    user = env["res.users"].create(
        {**values, "group_ids": [Command.set([group.id for group in groups])]}
    )
    yield user
    env.cr.rollback()


@pytest.fixture
def boss(env):
    return env.ref("base.user_admin")


def rpc(env, user, model, method, *args, **kwargs):
    """Call a method as a client does."""
    result = call_kw(env(user=user)[model], method, [*args], kwargs)
    env.flush_all()
    env.invalidate_all()
    return result


def refused(env, *call):
    """Whether a call is refused; it leaves no trace."""
    with pytest.raises(REFUSALS), env.cr.savepoint():
        rpc(env, *call)
    env.invalidate_all()
    return True


def test_from_a_private_account(env, sender, user, boss, ada):  # noqa: F811
    draft = write(env, ada)
    sender.write({"visibility": "private", "user_id": boss.id})
    env.flush_all()
    refused(env, user, "member.mail.draft", "open_draft", "res.partner", ada.ids)
    refused(env, user, "member.mail.draft", "action_send", draft.ids)
    refused(env, user, "member.mail.draft", "write", draft.ids, {"user_id": user.id})
    values = {
        "account_id": sender.id, "email_from": sender.email, "email_to": "ada@member.example",
    }  # fmt: skip
    with pytest.raises(REFUSALS), env.cr.savepoint():
        mine = rpc(env, user, "member.mail.draft", "create", [values])
        rpc(env, user, "member.mail.draft", "action_send", mine)
    assert not env["mail.mail"].search([("member_mail_message_id", "!=", False)])


def test_of_what_others_send(env, sender, smtp, user, boss, ada):  # noqa: F811
    message = queue(env, ada)
    sender.write({"visibility": "private", "user_id": boss.id})
    env.flush_all()
    message.mail_ids.failure_reason = "nothing"
    for method in (
        "action_send_now", "action_cancel_sending", "action_retry_sending", "action_mark_sent",
        "action_edit_again",
    ):  # fmt: skip
        refused(env, user, "member.mail.message", method, message.ids)
    refused(env, user, "member.mail.draft", "undo_sending", message.ids)
    refused(env, user, "mail.mail", "read", message.mail_ids.ids, ["subject"])
    refused(env, user, "mail.mail", "write", message.mail_ids.ids, {"state": "cancel"})


@pytest.mark.parametrize(
    "values",
    [
        {"email_from": "boss@club.example"},
        {"email_from": "x@y.example, office@club.example"},
        {"email_from": ""},
        {"email_from": False},
    ],
)
def test_as_another_address(env, sender, user, ada, values):  # noqa: F811
    action = rpc(env, user, "member.mail.draft", "open_draft", "res.partner", ada.ids)
    refused(env, user, "member.mail.draft", "write", [action["res_id"]], values)


def test_addresses_that_the_account_lost(env, sender, smtp, user, ada):  # noqa: F811
    sender.aliases = "alias@club.example"
    message = queue(env, ada, email_from="alias@club.example")
    sender.aliases = False
    env.cr.commit()
    work(env)
    assert message.state == "failed" and "alias@club.example" in message.failure_reason
    assert not smtp.messages


def test_messages_are_not_made_by_hand(env, sender, user, ada):  # noqa: F811
    refused(env, user, "member.mail.message", "create", [{"subject": "x", "state": "outgoing"}])
    refused(env, user, "mail.mail", "create", [{"subject": "x"}])


def test_odoo_s_own_composer_does_not_send_over_accounts(env, sender, user, boss, ada):  # noqa: F811
    """Its server is a field that anybody can fill in; the login of a mailbox is not for that."""
    sender.write({"visibility": "private", "user_id": boss.id})
    server = sender._outgoing_server()
    env.flush_all()
    values = {
        "model": "res.partner", "res_ids": str(ada.ids), "composition_mode": "mass_mail",
        "email_from": sender.email, "mail_server_id": server.id, "subject": "x", "body": "<p>x</p>",
        "partner_ids": [Command.set(ada.ids)],
    }  # fmt: skip
    before = env["mail.mail"].search([("mail_server_id", "=", server.id)])
    with pytest.raises(REFUSALS), env.cr.savepoint():
        composer = rpc(env, user, "mail.compose.message", "create", [values])
        rpc(env, user, "mail.compose.message", "action_send_mail", composer)
    assert env["mail.mail"].search([("mail_server_id", "=", server.id)]) == before


def test_templates_do_not_send_over_accounts(env, sender):  # noqa: F811
    server = sender._outgoing_server()
    env.flush_all()
    values = {
        "name": "x",
        "model_id": env.ref("base.model_res_partner").id,
        "mail_server_id": server.id,
    }
    refused(env, env.ref("base.user_admin"), "mail.template", "create", [values])
