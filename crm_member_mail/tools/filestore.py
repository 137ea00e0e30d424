import os
import tempfile


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
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(data)
    os.replace(draft, path)
    attachments._mark_for_gc(name)
