"""Passwords at rest: encrypted with a key that is not in the database.

The key comes from the environment variable ``CRM_MEMBER_MAIL_KEY``, else from the option
``crm_member_mail_key`` of odoo.conf, else from a file of mode 0600 in Odoo's data directory that is
made on first use. Sealed text starts with the version of its form (``v1:``), so that another form
or another key can follow; several keys, separated by commas, are all tried for reading and the
first one writes.
"""

import contextlib
import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from odoo.tools import config

ENVIRONMENT = "CRM_MEMBER_MAIL_KEY"
OPTION = "crm_member_mail_key"
FILENAME = "crm_member_mail.key"
VERSION = "v1:"


class SecretUnreadable(Exception):
    """The key that sealed this secret is not the one we have: the secret must be typed in again."""


def seal(secret):
    """Encrypt the text ``secret``; returns text that is safe to store."""
    return VERSION + _box().encrypt(secret.encode()).decode()


def unseal(sealed):
    """Decrypt what :func:`seal` made. Raises SecretUnreadable when the key does not fit."""
    if not sealed.startswith(VERSION):
        raise SecretUnreadable()
    try:
        return _box().decrypt(sealed.removeprefix(VERSION).encode()).decode()
    except InvalidToken as error:
        raise SecretUnreadable() from error


def _box():
    configured = os.environ.get(ENVIRONMENT) or config.get(OPTION)
    keys = configured.split(",") if configured else [_key_of_file()]
    return MultiFernet([Fernet(key.strip()) for key in keys])


def _key_of_file():
    path = Path(config["data_dir"]) / FILENAME
    try:
        return path.read_text()
    except FileNotFoundError:
        return _make_key_file(path)


def _make_key_file(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    # Written aside and linked into place: whoever reads the name reads a whole key, and of two
    # processes that make one at the same time both end up with the key of the first.
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(Fernet.generate_key().decode())
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
    return path.read_text()
