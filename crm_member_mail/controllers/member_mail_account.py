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
        about = _about_account(state)
        if not about:
            return super().google_gmail_callback(code, state, error, **kwargs)
        account = self._get_gmail_record(*about)
        if not code:
            words = kwargs.get("error_description") or error
            return _back(account, account._note_refused_consent, words)
        return _back(account, account._redeem_consent, "gmail", code)

    def _get_gmail_record(self, model_name, rec_id, csrf_token):
        return _checked(super()._get_gmail_record(model_name, rec_id, csrf_token))

    def _check_email_and_redirect_to_gmail_record(
        self, access_token, expiration, refresh_token, record
    ):
        # A sign-in with Odoo's own registration ends here.
        if record._name != ACCOUNT:
            return super()._check_email_and_redirect_to_gmail_record(
                access_token, expiration, refresh_token, record
            )
        tokens = refresh_token, access_token, expiration
        return _back(record, record._keep_consent, "gmail", *tokens)


class MemberMailMicrosoftController(MicrosoftOutlookController):
    """Where Microsoft sends users back to."""

    @http.route()
    def microsoft_outlook_callback(self, code=None, state=None, error_description=None, **kwargs):
        about = _about_account(state)
        if not about:
            return super().microsoft_outlook_callback(code, state, error_description, **kwargs)
        account = self._get_outlook_record(*about)
        if not code:
            words = error_description or kwargs.get("error")
            return _back(account, account._note_refused_consent, words)
        return _back(account, account._redeem_consent, "outlook", code)

    def _get_outlook_record(self, model_name, rec_id, csrf_token):
        return _checked(super()._get_outlook_record(model_name, rec_id, csrf_token))

    def _check_email_and_redirect_to_outlook_record(
        self, access_token, expiration, refresh_token, record
    ):
        if record._name != ACCOUNT:
            return super()._check_email_and_redirect_to_outlook_record(
                access_token, expiration, refresh_token, record
            )
        tokens = refresh_token, access_token, expiration
        return _back(record, record._keep_consent, "outlook", *tokens)


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
        account.sign_in_problem = error.in_words(account.env._)
    except UserError as error:
        account.sign_in_problem = str(error)
    return request.redirect(account._sign_in_origin())
