"""A disk that is full, or files that can't be read: said clearly, and nothing is lost or sent empty."""

import errno
import os

import pytest

from odoo import fields
from odoo.exceptions import UserError

from odoo.addons.crm_member_mail.mailbox.errors import MailboxError
from odoo.addons.crm_member_mail.tools import filestore

from ..faults.quiet import let_time_pass
from ..scan.test_scan import filed
from ..scan.test_storage import letter
from ..sending.test_sending import write
from ..sending.test_sending_faults import ada, queue, sender, sent_copies, smtp, work  # noqa: F401
from .small_disk import fill_up, small_disk


@pytest.fixture
def data_folder(env, tmp_path, monkeypatch):
    """A data folder on a disk of its own, with little room."""
    folder = tmp_path / "disk"
    folder.mkdir()
    with small_disk(folder, 4096):
        store = folder / "filestore" / env.cr.dbname
        store.mkdir(parents=True)
        monkeypatch.setattr(
            type(env["ir.attachment"]), "_filestore", lambda _attachments: str(store)
        )
        yield folder


def tree(folder):
    """The files of a folder, but for the one that fills it: dict of path to size."""
    return {
        path.relative_to(folder): path.stat().st_size
        for path in folder.rglob("*")
        if path.is_file() and path.name != "hog"
    }


def test_the_disk_is_full(env, mailbox, account, contact, data_folder, caplog):
    contact("Ana", "ana@members.example")
    for number in range(3):
        mailbox.append("INBOX", letter(mailbox, number))
    hog = fill_up(data_folder)
    left, rows = [], []
    for _number in range(4):
        with caplog.at_level("ERROR", "odoo.addons.crm_member_mail"):
            assert account._scan() == "error"
        assert account.error_code == "disk_full" and not account.stopped
        assert "disk of Odoo's server is full" in account.error_message
        assert account.remedy == "wait"
        # Soon, however often it was tried.
        wait = account.next_sync - fields.Datetime.now()
        assert 0 < wait.total_seconds() <= 15 * 60
        left.append(tree(data_folder))
        rows.append(env["member.mail.failure"].search_count([]))
    assert "No space left" in caplog.text
    assert left[1] == left[-1] and rows[1] == rows[-1] <= 3
    env.invalidate_all()
    assert not filed(env)
    assert not [n for n in env["member.mail.failure"].search([]).mapped("attempts") if n]
    hog.unlink()
    assert account._scan() == "done", account.error_message
    env.invalidate_all()
    assert len(filed(env)) == 3 and not env["member.mail.failure"].search([])
    assert account.state == "connected" and not account.error_message
    files = filed(env).attachment_ids
    assert len(files) == 3 and all(len(file.raw) == 64 for file in files)


def test_what_was_begun_is_made_whole_or_left_alone(env, data_folder):
    """A part of a file, left by somebody who was killed, and no room for the rest of it."""
    files = env["ir.attachment"]
    data = os.urandom(20_000)
    checksum = files._compute_checksum(data)
    part = data_folder / "filestore" / env.cr.dbname / checksum[:2] / checksum
    part.parent.mkdir()
    part.write_bytes(data[:5000])
    hog = fill_up(data_folder)
    for _number in range(3):
        with pytest.raises(OSError, match="No space left"):
            filestore.mend(files, data)
        assert tree(data_folder) == {part.relative_to(data_folder): 5000}
    hog.unlink()
    filestore.mend(files, data)
    assert part.read_bytes() == data


def test_no_email_is_sent_without_its_content(env, sender, smtp, mailbox, ada, monkeypatch):  # noqa: F811
    """Odoo takes a file that it can't open for an empty one."""
    message = queue(env, ada)
    mail = message.mail_ids
    [place] = mail._places().values()
    path = mail.env["ir.attachment"]._full_path(place)
    os.rename(path, f"{path}.away")
    for _number in range(8):
        work(env)
        assert not smtp.messages
        assert message.state == "outgoing" and "can't read a file" in message.failure_reason
        assert not mail.member_mail_attempts
        mail.scheduled_date = fields.Datetime.now()
        env.cr.commit()
    os.rename(f"{path}.away", path)
    work(env)
    assert message.state == "sent" and not message.failure_reason
    [(_from, _to, data)] = smtp.messages
    assert b"Hello Ada" in data
    assert sent_copies(mailbox) == [message.rfc_message_id]


def test_no_email_is_sent_with_an_empty_file(env, sender, ada):  # noqa: F811
    draft = write(env, ada)
    draft.attachment_ids = file = env["ir.attachment"].create(
        {"name": "a.bin", "raw": os.urandom(99)}
    )
    env.cr.commit()
    path = file._full_path(file.store_fname)
    os.rename(path, f"{path}.away")
    env.invalidate_all()
    with pytest.raises(UserError, match="can't read a file"):
        draft.action_send()
    os.rename(f"{path}.away", path)
    assert draft.action_send()


def test_what_is_kept_is_not_taken_for_empty(env, account, contact, mailbox, monkeypatch):
    """An email that the server has no more, and whose bytes can't be read for a while."""
    from odoo.addons.crm_member_mail.mailbox import reader

    contact("Ana", "ana@members.example")
    mailbox.append("INBOX", letter(mailbox, 1))

    def break_down(*_args, **_options):
        raise ValueError("bad")

    with monkeypatch.context() as patch:
        patch.setattr(reader, "parse", break_down)
        account._scan()
    failure = env["member.mail.failure"].search([])
    assert failure.raw
    mailbox.server.expunge(mailbox.user, "INBOX", 1)
    let_time_pass(env)
    account._scan()
    assert failure.gone
    opened = type(env["ir.attachment"])._file_read

    def refuse(files, name, size=None):
        return b"" if files.search([("store_fname", "=", name)]) else opened(files, name, size)

    for _number in range(2):
        with monkeypatch.context() as patch:
            patch.setattr(type(env["ir.attachment"]), "_file_read", refuse)
            patch.setattr(filestore, "open", _no_more_files, raising=False)
            let_time_pass(env)
            assert account._scan() == "error"
        assert account.error_code == "no_files"
        env.invalidate_all()
        assert not filed(env)
    let_time_pass(env)
    assert account._scan() == "done"
    env.invalidate_all()
    assert filed(env).subject == "Number 1" and not env["member.mail.failure"].search([])


def _no_more_files(*_args):
    raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))


def test_what_ails_the_machine_stands_for_no_attempt(env, sender, smtp, ada, monkeypatch):  # noqa: F811
    """Other failures come after it as if it had not been."""
    for _number in range(9):
        sender._note_connection(MailboxError("no_memory"))
    assert sender.error_count == 1 and not sender.stopped
    sender._note_connection(MailboxError("refused"))
    wait = sender.next_sync - fields.Datetime.now()
    assert wait.total_seconds() <= 30 * 60
