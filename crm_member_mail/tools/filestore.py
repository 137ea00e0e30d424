import logging
import os
import tempfile

from ..mailbox.errors import MailboxError
from ..mailbox.machine import trouble

_logger = logging.getLogger(__name__)


def mend(attachments, data):
    """Complete the file of ``data`` in the filestore if a killed process left only a part of it.

    Odoo writes files in place (`ir.attachment._file_write`). If it dies in the middle, every later
    attempt to store the same content finds other content under its name and is refused ("The
    attachment collides with an existing file"), so the email could never be filed.

    :param attachments: the model `ir.attachment`
    :param bytes data: what is about to be stored
    """
    if attachments._storage() == "db":
        return
    checksum = attachments._compute_checksum(data)
    name = f"{checksum[:2]}/{checksum}"
    path = attachments._full_path(name)
    try:
        with open(path, "rb") as stream:
            there = stream.read(len(data) + 1)
    except FileNotFoundError:
        return
    if len(there) >= len(data) or not data.startswith(there):
        return
    # Replaced atomically: another process may be writing the same file, and loses nothing.
    descriptor, draft = tempfile.mkstemp(dir=os.path.dirname(path))
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
        os.replace(draft, path)
    except OSError:
        os.unlink(draft)  # the disk is full: the next attempt must not find even less room
        raise
    attachments._mark_for_gc(name)


def bytes_of(file):
    """The content of an attachment. Odoo takes a file that it can't read for an empty one, which must
    not be sent, nor filed.

    :param file: an `ir.attachment`, or none
    :raises MailboxError: its file is not there, or can't be read
    """
    data = file.raw or b""
    if not data and file.file_size and file.store_fname:
        file.invalidate_recordset(["raw"], flush=False)  # the next one asks the disk
        data = read(file, file.store_fname)
    return data


def read(attachments, name):
    """The bytes of a file that is not empty.

    :param attachments: the model `ir.attachment`
    :param str name: of the file in the filestore
    :raises MailboxError: as `bytes_of`
    """
    if data := attachments._file_read(name):
        return data
    try:
        with open(attachments._full_path(name), "rb") as stream:
            data = stream.read()
    except OSError as error:
        _logger.error("A file of the data folder can't be read. %s", error)
        raise trouble(error) or MailboxError("file_unreadable", error.strerror) from None
    if not data:
        _logger.error("A file of the data folder is empty: %s", name)
        raise MailboxError("file_unreadable")
    return data
