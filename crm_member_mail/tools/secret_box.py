"""Secrets at rest: encrypted with a key that is not in the database.

The key comes from the environment variable ``CRM_MEMBER_MAIL_KEY``, else from the option
``crm_member_mail_key`` in odoo.conf, else from a file with mode 0600 in Odoo's data directory, which is
created when the first secret is sealed. Reading creates none: it could not open what is sealed already,
and would hide that the right one is missing. Sealed text starts with the version of its format
(``v1:``), so that there can be another one later.

There may be several keys, separated by commas or white space. All are tried for reading; the first one
is used for writing. To rotate keys, put the new one first, seal everything again (``odoo
member_mail_rotate``), and remove the old one.
"""

import contextlib
import logging
import os
import re
import stat
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from odoo.tools import config

_logger = logging.getLogger(__name__)

ENVIRONMENT = "CRM_MEMBER_MAIL_KEY"
OPTION = "crm_member_mail_key"
FILENAME = "crm_member_mail.key"
VERSION = "v1:"

#: Fernet itself accepts two keys without a separator and uses the first one.
_KEY = re.compile(r"[A-Za-z0-9_-]{43}=")

HOW_TO_MAKE = (
    "A key is 32 random bytes in URL-safe base64. This command prints one: python3 -c "
    "'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'"
)


class SecretUnreadable(Exception):
    """The key that sealed this secret is not among ours: the secret must be entered again."""


class KeyUnusable(Exception):
    """There is no usable key. The text says what a system administrator has to do, and reveals nothing
    of the key."""


def seal(secret):
    """Encrypt the text ``secret``; returns text that is safe to store.

    :raises KeyUnusable: when there is no usable key
    """
    return VERSION + MultiFernet(_keys(may_make=True)).encrypt(secret.encode()).decode()


def unseal(sealed):
    """Decrypt what :func:`seal` returned.

    :raises SecretUnreadable: when no key fits
    :raises KeyUnusable: when there is no key to try
    """
    return _unseal(MultiFernet(_keys()), sealed)


def needs_reseal(sealed):
    """Whether ``sealed`` was sealed with another key than the first.

    :raises SecretUnreadable: when no key fits
    :raises KeyUnusable: when there is no key to try
    """
    first, *others = _keys()
    try:
        _unseal(first, sealed)
        return False
    except SecretUnreadable:
        if not others:
            raise
    _unseal(MultiFernet(others), sealed)
    return True


def reseal(sealed):
    """The same secret, sealed with the first key.

    :raises SecretUnreadable: when no key fits
    :raises KeyUnusable: when there is no key to try
    """
    return seal(unseal(sealed))


def _unseal(box, sealed):
    if not sealed.startswith(VERSION):
        raise SecretUnreadable()
    try:
        return box.decrypt(sealed.removeprefix(VERSION).encode()).decode()
    except InvalidToken as error:
        raise SecretUnreadable() from error


def _keys(may_make=False):
    """The keys, as Fernets, at least one.

    :param bool may_make: whether a key file is made where there is none
    :raises SecretUnreadable: there is no key file, and none may be made
    :raises KeyUnusable:
    """
    if os.environ.get(ENVIRONMENT, "").strip():
        place, text = f"the environment variable {ENVIRONMENT}", os.environ[ENVIRONMENT]
    elif str(config.get(OPTION) or "").strip():
        place, text = f"the option {OPTION} of odoo.conf", str(config[OPTION])
    else:
        if may_make and not _path().exists():
            _make_key_file(_path())
        place, text = f"the file {_path()}", _key_of_file()
    words = [word for word in re.split(r"[,\s]+", text) if word]
    if not words:
        raise KeyUnusable(
            f"There is no key in {place}. Put back the one that was there. Without it, the stored "
            f"passwords are lost: delete the file and enter them again."
        )
    for number, word in enumerate(words, 1):
        if not _KEY.fullmatch(word):
            which = f"Key {number}" if len(words) > 1 else "The key"
            # The key must not get into a log, not even a part of it.
            raise KeyUnusable(f"{which} in {place} is not valid. {HOW_TO_MAKE}")
    return [Fernet(word) for word in words]


def _path():
    return Path(config["data_dir"]) / FILENAME


def _key_of_file():
    path = _path()
    try:
        with path.open() as stream:
            _keep_to_ourselves(stream, path)
            return stream.read()
    except FileNotFoundError:
        raise SecretUnreadable() from None
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise KeyUnusable(
            f"The key in the file {path} can't be read ({reason}). Make it readable for the user "
            f"that Odoo runs as, and for nobody else."
        ) from None


def _keep_to_ourselves(stream, path):
    """Make a key file private to its owner."""
    mode = stat.S_IMODE(os.fstat(stream.fileno()).st_mode)
    if not mode & 0o077:
        return
    try:
        os.fchmod(stream.fileno(), 0o600)
    except OSError as error:
        _logger.warning(
            "Others may read the key in %s (mode %o), and Odoo can't change that (%s). Set its mode "
            "to 0600.", path, mode, error.strerror,
        )  # fmt: skip
    else:
        _logger.warning(
            "Others could read the key in %s (mode %o). Odoo has set its mode to 0600.", path, mode
        )


def _make_key_file(path):
    # Written under another name and linked into place: nobody reads half a key, and if two processes
    # make one at the same time, both end up with the key of the first.
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as stream:
            stream.write(Fernet.generate_key().decode())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    except OSError as error:
        raise KeyUnusable(
            f"The file {path} for the key that encrypts passwords can't be created "
            f"({error.strerror}). Give Odoo a data directory that it may write to, or put a key into "
            f"the environment variable {ENVIRONMENT}."
        ) from None
    finally:
        with contextlib.suppress(OSError):
            draft.unlink()
