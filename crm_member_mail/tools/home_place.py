"""The place where a database is at home: what a server has and no copy of the database brings along.

It is a random token in a file with mode 0600 in Odoo's data directory, one for each database by its
name, and not in the filestore, which is copied with the database. Where the servers of a database have
data directories of their own, the environment variable ``CRM_MEMBER_MAIL_HOME`` or the option
``crm_member_mail_home`` in odoo.conf gives the place a name instead, the same for all of them; its token
is made from that and from the name of the database.

Knows no Odoo, because the listener asks as well.
"""

import contextlib
import hashlib
import logging
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

_logger = logging.getLogger(__name__)

ENVIRONMENT = "CRM_MEMBER_MAIL_HOME"
OPTION = "crm_member_mail_home"
FOLDER = "crm_member_mail.homes"


class PlaceUnusable(Exception):
    """The file can't be written. The text says what a system administrator has to do."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where this process would have a database at home.

    :ivar str path: of the file with the token
    :ivar str fixed: the token, where the configuration gives it
    """

    path: str
    fixed: str = ""

    @property
    def name(self):
        """What keeps the token, for people."""
        return f"the configuration ({OPTION})" if self.fixed else f"the file {self.path}"

    def token(self):
        """The token of this place; '' when there is none, or it can't be read."""
        if self.fixed:
            return self.fixed
        try:
            return Path(self.path).read_text().strip()
        except FileNotFoundError:
            return ""
        except (OSError, UnicodeDecodeError) as error:
            _logger.error("%s can't be read (%s)", self.path, error)
            return ""

    def settle(self):
        """The token of this place, made if there is none. Who comes second takes that of the first.

        :raises PlaceUnusable:
        """
        return self.token() or self._write(os.link) or self.renew()

    def renew(self):
        """A new token for this place, instead of the one that it has.

        :raises PlaceUnusable:
        """
        return self.fixed or self._write(os.replace)

    def leave(self):
        """Remove the token, where a file has it."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.path)

    def _write(self, put):
        """Write a token under another name and ``put`` it in its place: nobody reads half a token, and a
        crash leaves none.

        :return: the token that is there then; '' if what was there is no token
        """
        path = Path(self.path)
        draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}~")
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as stream:
                stream.write(secrets.token_urlsafe(32))
                stream.flush()
                os.fsync(stream.fileno())
            with contextlib.suppress(FileExistsError):
                put(draft, path)
        except OSError as error:
            raise PlaceUnusable(
                f"The file {path}, by which this database is told from its copies, can't be written "
                f"({error.strerror}). Give Odoo a data directory that it may write to, or give this "
                f"place a name in the environment variable {ENVIRONMENT}."
            ) from None
        finally:
            with contextlib.suppress(OSError):
                draft.unlink()
        return self.token()


def place_of(config, database):
    """The Place of a database.

    :param config: Odoo's configuration
    :param str database: its name
    """
    given = (os.environ.get(ENVIRONMENT) or str(config.get(OPTION) or "")).strip()
    fixed = hashlib.sha256(f"{given}\0{database}".encode()).hexdigest() if given else ""
    # Any character may be in a database's name.
    file = quote(database, safe="").replace(".", "%2E")
    return Place(str(Path(config["data_dir"]) / FOLDER / file), fixed)
