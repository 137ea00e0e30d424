"""Files with many emails in them, written one email after the other."""

import csv
import io
import shutil
import tempfile
import zipfile

from ...mailbox.mime.structure.file_names import UniqueNames, safe_name
from ...tools import mbox

#: What a spreadsheet would take for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

#: The name of the list of contents in a zip file.
LIST_NAME = "emails.csv"


class MboxArchive:
    """A mailbox file as defined in RFC 4155, which email programs import.

    :param stream: the file to write to
    :param env: an environment, not used
    """

    extension, content_type = "mbox", "application/mbox"

    def __init__(self, stream, env):
        self._stream = stream

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        pass

    def add(self, message, data):
        """Add an email.

        :param message: its `member.mail.message`
        :param bytes data: the email
        """
        sender = message.participant_ids.filtered(lambda person: person.role == "from")[:1].email
        self._stream.write(mbox.entry(data, sender or "", message.date))


class ZipArchive:
    """A zip file with each email as a file, and a list of them for a spreadsheet.

    :param stream: the file to write to; it must be seekable
    :param env: the environment whose language the list is in
    """

    extension, content_type = "zip", "application/zip"

    def __init__(self, stream, env):
        self._env = env
        # Large parts are already compressed, under base64: the lowest effort gets most of it.
        self._zip = zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        self._names = UniqueNames()
        self._names.take(LIST_NAME, "")
        self._list = tempfile.TemporaryFile()  # noqa: SIM115 - closed at the end of the archive
        # So that spreadsheets recognise UTF-8.
        self._list.write(b"\xef\xbb\xbf")

    def __enter__(self):
        env = self._env
        self._write_row(
            env._("Date (UTC)"),
            env._("Direction"),
            env._("From"),
            env._("To"),
            env._("Cc"),
            env._("Bcc"),
            env._("Subject"),
            env._("File"),
            env._("Only on the mail server"),
        )
        return self

    def __exit__(self, error_type, *_error):
        with self._list, self._zip:
            if not error_type:
                self._list.seek(0)
                with self._zip.open(LIST_NAME, "w") as target:
                    shutil.copyfileobj(self._list, target)

    def add(self, message, data):
        """Add an email; see `MboxArchive.add`."""
        title = f"{message.date:%Y-%m-%d %H%M} {message.subject or ''}"
        name = self._names.take(safe_name(title), ".eml")
        info = zipfile.ZipInfo(name, message.date.timetuple()[:6])
        self._zip.writestr(info, data, zipfile.ZIP_DEFLATED, 1)
        directions = dict(message._fields["direction"]._description_selection(self._env))
        self._write_row(
            str(message.date),
            directions[message.direction],
            *(_people(message, role) for role in ("from", "to", "cc", "bcc")),
            message.subject or "",
            name,
            ", ".join(message.remote_attachment_ids.mapped("name")),
        )

    def _write_row(self, *values):
        line = io.StringIO()
        csv.writer(line).writerow(
            f"'{value}" if value.startswith(_FORMULA) else value for value in values
        )
        self._list.write(line.getvalue().encode("utf-8", "replace"))


#: By the formats of `member.mail.export`.
ARCHIVES = {"zip": ZipArchive, "mbox": MboxArchive}


def _people(message, role):
    people = message.participant_ids.filtered(lambda person: person.role == role)
    return ", ".join(
        f"{person.name} <{person.email}>" if person.name else person.email or ""
        for person in people
    )
