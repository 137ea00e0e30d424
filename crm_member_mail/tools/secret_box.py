"""Secrets at rest: encrypted with a key that is not in the database.

The key comes from the environment variable ``CRM_MEMBER_MAIL_KEY``, else from the option
``crm_member_mail_key`` in odoo.conf, else from a file with mode 0600 in Odoo's data directory, which is
created when the first secret is sealed. Reading creates none: it could not open what is sealed already,
and would hide that the right one is missing.

What is sealed with is derived from that key and a salt of the database (HKDF, RFC 5869), so that whoever
is handed a database with its own key (:func:`key_of_database`) can open no other one of this server.
That key may be given where the database goes, like any other one. Sealed text starts with the version of
its format: ``v2:``, or ``v1:`` where the key itself was used, as it was once.

There may be several keys, separated by commas or white space. All are tried for reading; the first one
is used for writing. To rotate keys, put the new one first, seal everything again (``odoo
member_mail_rotate``), and remove the old one.
"""

import base64
import contextlib
import logging
import os
import re
import stat
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from odoo.tools import config

_logger = logging.getLogger(__name__)

ENVIRONMENT = "CRM_MEMBER_MAIL_KEY"
OPTION = "crm_member_mail_key"
FILENAME = "crm_member_mail.key"
VERSION, FORMER_VERSION = "v2:", "v1:"

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


def seal(secret, salt):
    """Encrypt the text ``secret``; returns text that is safe to store.

    :param str salt: of the database
    :raises KeyUnusable: when there is no usable key
    """
    first = _keys(may_make=True)[0]
    return VERSION + Fernet(_derived(first, salt)).encrypt(secret.encode()).decode()


def unseal(sealed, salt):
    """Decrypt what :func:`seal` returned.

    :raises SecretUnreadable: when no key fits
    :raises KeyUnusable: when there is no key to try
    """
    return _open(sealed, _fitting(_keys(), salt, sealed))


def needs_reseal(sealed, salt):
    """Whether ``sealed`` was sealed with another key than the first, or in a former way.

    :raises SecretUnreadable: when no key fits
    :raises KeyUnusable: when there is no key to try
    """
    keys = _keys()
    if sealed.startswith(VERSION):
        with contextlib.suppress(SecretUnreadable):
            _open(sealed, [_derived(keys[0], salt)])
            return False
    _open(sealed, _fitting(keys, salt, sealed))
    return True


def reseal(sealed, salt):
    """The same secret, sealed with the first key.

    :raises SecretUnreadable: when no key fits
    :raises KeyUnusable: when there is no key to try
    """
    return seal(unseal(sealed, salt), salt)


def key_of_database(salt):
    """The key that opens what is sealed in one database, and nothing else: text, to be given where keys
    are.

    :raises SecretUnreadable: there is no key file
    :raises KeyUnusable: when there is no usable key
    """
    return _derived(_keys()[0], salt)


def _derived(key, salt):
    function = HKDF(SHA256(), length=32, salt=None, info=b"crm_member_mail\0" + salt.encode())
    return base64.urlsafe_b64encode(function.derive(base64.urlsafe_b64decode(key))).decode()


def _fitting(keys, salt, sealed):
    """The keys that may open it: those given may be keys of the database themselves."""
    return keys if sealed.startswith(FORMER_VERSION) else [_derived(k, salt) for k in keys] + keys


def _open(sealed, keys):
    version = next((v for v in (VERSION, FORMER_VERSION) if sealed.startswith(v)), None)
    if not version:
        raise SecretUnreadable()
    try:
        box = MultiFernet([Fernet(key) for key in keys])
        return box.decrypt(sealed.removeprefix(version).encode()).decode()
    except InvalidToken as error:
        raise SecretUnreadable() from error


def _keys(may_make=False):
    """The keys that are given, at least one.

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
    return words


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
