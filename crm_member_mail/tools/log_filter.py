"""Keeps the passwords that users type, and the codes of a sign-in, out of the log.

With ``--log-level=debug`` Odoo logs the arguments of every call from the browser, including what is
written to a password field. At any level it logs the requested URLs, including the codes and tokens
that Google and Microsoft send back.
"""

import logging
import re

from odoo.service import model

#: Names of fields whose content must stay secret.
_SECRET = re.compile("password|passwd|secret|token", re.I)

#: Where Google and Microsoft send users back to after a sign-in, as Odoo's mixins ask them to.
_SIGN_IN = re.compile(r"(/(?:google_gmail|microsoft_outlook)/\w+\?)\S+")

_MASK = "***"


class SecretFilter(logging.Filter):
    """Masks secrets in the log records about calls (`odoo.service.model.call_kw`)."""

    def filter(self, record):
        if isinstance(record.args, tuple):
            record.args = tuple(
                _masked_call(arg) if isinstance(arg, model.Params) else arg for arg in record.args
            )
        return True


class SignInFilter(logging.Filter):
    """Masks the codes and tokens of a sign-in in the log records about requests."""

    def filter(self, record):
        if isinstance(record.args, tuple):
            record.args = tuple(
                _SIGN_IN.sub(rf"\1{_MASK}", arg) if isinstance(arg, str) else arg
                for arg in record.args
            )
        return True


def _masked_call(params):
    args, kwargs = _masked(params.args), _masked(params.kwargs)
    if any(isinstance(arg, list) and _names_secret(arg) for arg in [*args, *kwargs.values()]):
        # The columns of an import; their values are in other arguments.
        args, kwargs = [_MASK], {}
    return model.Params(args, kwargs)


def _names_secret(names):
    return any(isinstance(name, str) and _SECRET.search(name) for name in names)


def _masked(value):
    if isinstance(value, dict):
        return {name: _MASK if _hides(name, v) else _masked(v) for name, v in value.items()}
    if isinstance(value, list | tuple):
        if len(value) == 3 and isinstance(value[0], str) and _hides(value[0], value[2]):
            return [*value[:2], _MASK]  # a condition of a search
        return [_masked(item) for item in value]
    return value


def _hides(name, value):
    # A dict is the specification of a field to read, which is no secret.
    return bool(value) and not isinstance(value, dict | bool) and _names_secret([name])


def install():
    """Put the filters on the loggers of calls and requests, once."""
    for name, kind in ((model.__name__, SecretFilter), ("werkzeug", SignInFilter)):
        logger = logging.getLogger(name)
        if not any(isinstance(known, kind) for known in logger.filters):
            logger.addFilter(kind())


install()
