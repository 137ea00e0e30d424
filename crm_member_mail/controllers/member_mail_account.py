import json

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from odoo.addons.google_gmail.controllers.main import GoogleGmailController
from odoo.addons.microsoft_outlook.controllers.main import MicrosoftOutlookController

from ..mailbox.errors import MailboxError

ACCOUNT = "member.mail.account"


class MemberMailGoogleController(GoogleGmailController):
    """Where Google sends users back to. They return to where they began, whatever the outcome."""

    @http.route()
    def google_gmail_callback(self, code=None, state=None, error=None, **kwargs):
        words = kwargs.get("error_description") or error
        return _signed_in(
            "gmail", self._get_gmail_record, state, code, words
        ) or super().google_gmail_callback(code, state, error, **kwargs)

    def _get_gmail_record(self, model_name, rec_id, csrf_token):
        return _checked(super()._get_gmail_record(model_name, rec_id, csrf_token))

    def _check_email_and_redirect_to_gmail_record(
        self, access_token, expiration, refresh_token, record
    ):
        # A sign-in with Odoo's own registration ends here.
        return _granted(
            "gmail", record, refresh_token
        ) or super()._check_email_and_redirect_to_gmail_record(
            access_token, expiration, refresh_token, record
        )


class MemberMailMicrosoftController(MicrosoftOutlookController):
    """Where Microsoft sends users back to."""

    @http.route()
    def microsoft_outlook_callback(self, code=None, state=None, error_description=None, **kwargs):
        words = error_description or kwargs.get("error")
        return _signed_in(
            "outlook", self._get_outlook_record, state, code, words
        ) or super().microsoft_outlook_callback(code, state, error_description, **kwargs)

    def _get_outlook_record(self, model_name, rec_id, csrf_token):
        return _checked(super()._get_outlook_record(model_name, rec_id, csrf_token))

    def _check_email_and_redirect_to_outlook_record(
        self, access_token, expiration, refresh_token, record
    ):
        return _granted(
            "outlook", record, refresh_token
        ) or super()._check_email_and_redirect_to_outlook_record(
            access_token, expiration, refresh_token, record
        )


def _signed_in(method, record_of, state, code, words):
    """Take up a sign-in that Google or Microsoft sent back, if it is about an account.

    :param method: the account's ``auth_method``
    :param record_of: the mixin controller's own look-up, which checks the token of ``state``
    :param state: what the mixin gave along (RFC 6749 section 4.1.1)
    :param code: what the tokens are to be asked for with; without one the sign-in was refused
    :param words: what is said of a refusal
    :return: the response, None when it is about no account
    """
    about = _about_account(state)
    if not about:
        return None
    _model, account_id, token = about
    account = request.env[ACCOUNT].browse(account_id).exists().sudo()
    if account and account._is_over(method, token):
        return _back(_checked(account), account._note_failed_sign_in, MailboxError("sign_in_over"))
    account = record_of(*about)
    return _back(account, _finish, account, method, code, words)


def _finish(account, method, code, words):
    account._end_sign_in()
    if not code:
        account._note_refused_consent(words)
    else:
        account._redeem_consent(method, code)


def _granted(method, record, refresh_token):
    """Take up a sign-in that came by way of Odoo's own registration, if it is about an account.

    :return: the response, None when ``record`` is no account
    """
    if record._name != ACCOUNT:
        return None
    return _back(record, _finish_grant, record, method, refresh_token)


def _finish_grant(account, method, refresh_token):
    account._end_sign_in()
    account._redeem_grant(method, refresh_token)


def _about_account(state):
    """Model, id and token of the account to sign in to; None when the sign-in isn't for an account.

    :param state: what the mixin passed to Google or Microsoft (RFC 6749 section 4.1.1)
    """
    try:
        values = json.loads(state)
        about = values["model"], int(values["id"]), values["csrf_token"]
    except (TypeError, ValueError, KeyError):
        return None
    return about if about[0] == ACCOUNT and isinstance(about[2], str) else None


def _checked(record):
    """A record with superuser rights, as the mixins' controllers find it.

    :raises AccessError: it is an account that the user may not set up
    """
    if record._name == ACCOUNT:
        record.sudo(False)._check_may_sign_in()
    return record


def _back(account, step, *args):
    """Take the last step of a sign-in and send the user back; a problem is noted in the account.

    :param account: with superuser rights
    :param step: a method of the account, called with ``args``
    """
    try:
        step(*args)
    except MailboxError as error:
        account._note_failed_sign_in(error)
    except UserError as error:
        account.sign_in_problem = str(error)
    return request.redirect(account._sign_in_origin())
