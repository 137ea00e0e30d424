"""Keeps passwords that users type, and what Google and Microsoft send back, out of the log.

With ``--log-level=debug`` Odoo logs the arguments of each call of the browser, and so what is written to
a password field. At any level it logs the addresses that are asked for, and so the codes and tokens that
come with a sign-in.
"""

import logging
import re

from odoo.service import model

#: Names of fields whose content is nobody's business.
_SECRET = re.compile("password|passwd|secret|token", re.I)

#: Where Odoo's mixins have users sent back to after a sign-in.
_SIGN_IN = re.compile(r"(/(?:google_gmail|microsoft_outlook)/\w+\?)\S+")

_MASK = "***"


class SecretFilter(logging.Filter):
    """Masks secrets in the records that Odoo logs of calls (`odoo.service.model.call_kw`)."""

    def filter(self, record):
        if isinstance(record.args, tuple):
            record.args = tuple(
                _masked_call(arg) if isinstance(arg, model.Params) else arg for arg in record.args
            )
        return True


class SignInFilter(logging.Filter):
    """Masks what comes with a sign-in in the records that are logged of requests."""

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
        # The columns of an import: their values are in rows beside them.
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
    # What is asked for is no secret: the specification of a field.
    return bool(value) and not isinstance(value, dict | bool) and _names_secret([name])


def install():
    """Have the filters see every call and every request that is logged."""
    for name, kind in ((model.__name__, SecretFilter), ("werkzeug", SignInFilter)):
        logger = logging.getLogger(name)
        if not any(isinstance(known, kind) for known in logger.filters):
            logger.addFilter(kind())


install()
