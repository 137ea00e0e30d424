import errno
import os
import stat
import tempfile
from pathlib import Path
from unittest.mock import patch

from cryptography.fernet import Fernet

from odoo.exceptions import UserError
from odoo.tests import Form, tagged
from odoo.tools import config

from ...models.account.secrets import SEALED_FIELDS
from ...tools import secret_box
from ..common import MemberMailCase

SECRET, OTHER = "hunter2-of-the-club", "another-one"

#: Of a database.
SALT = "a grain"


def new_key():
    return Fernet.generate_key().decode()


def keys(*names):
    """A patch that sets exactly these keys in the environment."""
    return patch.dict(os.environ, {secret_box.ENVIRONMENT: ",".join(names)})


@tagged("post_install", "-at_install")
class TestKeys(MemberMailCase):
    """Where keys come from, how they rotate, and what users learn about an unusable one."""

    def stored(self, **values):
        """An account whose secrets are in the database, not only in the cache, which a scan empties."""
        account = self.make_account(**values)
        self.env.flush_all()
        return account

    def test_several_keys_read_and_the_first_one_writes(self):
        old, new = new_key(), new_key()
        with keys(old):
            sealed = secret_box.seal(SECRET, SALT)
            self.assertFalse(secret_box.needs_reseal(sealed, SALT))
        with keys(new, old):
            self.assertEqual(secret_box.unseal(sealed, SALT), SECRET)
            self.assertTrue(secret_box.needs_reseal(sealed, SALT))
            again = secret_box.reseal(sealed, SALT)
            self.assertFalse(secret_box.needs_reseal(again, SALT))
        with keys(new):
            self.assertEqual(secret_box.unseal(again, SALT), SECRET)
            for read in (secret_box.unseal, secret_box.needs_reseal, secret_box.reseal):
                with self.assertRaises(secret_box.SecretUnreadable):
                    read(sealed, SALT)

    def test_each_database_has_a_key_of_its_own(self):
        with keys(new_key()):
            ours, theirs = secret_box.seal(SECRET, "ours"), secret_box.seal(OTHER, "theirs")
            for read in (secret_box.unseal, secret_box.needs_reseal, secret_box.reseal):
                with self.assertRaises(secret_box.SecretUnreadable):
                    read(theirs, "ours")
            handed_over = secret_box.key_of_database("ours")
        with keys(handed_over):
            self.assertEqual(secret_box.unseal(ours, "ours"), SECRET)
            self.assertTrue(secret_box.needs_reseal(ours, "ours"))
            with self.assertRaises(secret_box.SecretUnreadable):
                secret_box.unseal(theirs, "theirs")
            self.assertFalse(secret_box.needs_reseal(secret_box.reseal(ours, "ours"), "ours"))

    def test_what_was_sealed_with_the_key_itself(self):
        key = new_key()
        former = "v1:" + Fernet(key).encrypt(SECRET.encode()).decode()
        with keys(new_key(), key):
            self.assertEqual(secret_box.unseal(former, SALT), SECRET)
        with keys(key):
            self.assertTrue(secret_box.needs_reseal(former, SALT))
            account = self.stored(imap_password=OTHER)
            account.imap_secret = former
            self.assertEqual(account._server_settings("imap").secret, SECRET)
            self.assertEqual(account._reseal_secrets()["resealed"], 1)
            self.assertTrue(account.imap_secret.startswith("v2:"))
            self.assertEqual(account._server_settings("imap").secret, SECRET)

    def test_a_salt_is_made_with_the_home(self):
        home = self.env["member.mail.home"]
        account = self.stored(imap_password=SECRET)
        self.assertEqual(len(home.search([])), 1)
        salt = home._salt()
        self.assertGreater(len(salt), 20)
        home.sudo().declare_original(len(home._waiting()), True)
        self.assertEqual(home._salt(), salt)
        self.assertEqual(account._server_settings("imap").secret, SECRET)

    def test_rotation_seals_everything_anew(self):
        old, new, lost = new_key(), new_key(), new_key()
        with keys(old):
            account = self.stored(imap_password=SECRET, smtp_password=OTHER, active=False)
            single = self.stored(imap_password=SECRET)
        with keys(lost):
            orphan = self.stored(imap_password="gone")
        accounts = account | single | orphan
        for each in accounts:
            each._note_connection(None)
        self.env.flush_all()
        with keys(new, old):
            found = accounts._reseal_secrets()
            self.assertEqual((found["resealed"], found["fresh"]), (3, 0))
            self.assertEqual(found["unreadable"], orphan)
            self.assertEqual(accounts._reseal_secrets()["fresh"], 3)
        # Resealing alone requires no new connection test.
        self.assertEqual(set(accounts.mapped("state")), {"connected"})
        with keys(new):
            self.assertEqual(account._server_settings("imap").secret, SECRET)
            self.assertEqual(account._server_settings("smtp").secret, OTHER)
            self.assertEqual(single._server_settings("imap").secret, SECRET)

    def test_every_sealed_column_is_out_of_reach(self):
        account = self.env["member.mail.account"]
        for name in SEALED_FIELDS:
            field = account._fields[name]
            self.assertEqual(field.groups, ".", name)
            self.assertFalse(field.copy or field.exportable, name)
            self.assertTrue(field.store, name)

    def test_a_token_that_was_renewed_meanwhile_is_not_overwritten(self):
        with keys(new_key()):
            account = self.stored(imap_password=SECRET)
            stale = secret_box.seal("stale", SALT)
            count = account._replace_sealed(
                "imap_secret", [(account.id, stale, secret_box.seal("older", SALT))]
            )
            self.assertEqual(count, 0)
            self.assertEqual(account._server_settings("imap").secret, SECRET)

    def test_broken_key_says_what_to_do_and_nothing_of_itself(self):
        account = self.stored(imap_password=SECRET)
        fine = new_key()
        for broken in (
            "not-a-key",
            fine[:-5],
            fine + fine,
            "kéy",
            f"{fine}, oops",
            f"{fine},{fine[:-1]}",
            "=",
            "a" * 44,
        ):
            with (
                self.subTest(broken),
                keys(broken),
                self.assertLogs("odoo.addons.crm_member_mail", "ERROR") as logged,
            ):
                self.assertEqual(account._scan(), "error")
                with self.assertRaisesRegex(UserError, "server's log") as raised:
                    account.imap_password = OTHER
                log = "\n".join(logged.output)
                for word in (broken, fine, fine[:20]):
                    self.assertNotIn(word, log)
                    self.assertNotIn(word, f"{raised.exception}{account.error_message}")
                self.assertIn(secret_box.ENVIRONMENT, log)
                self.assertIn("is not valid", log)
                self.assertNotIn("Traceback", log)
            # Fixing the key is enough; nobody has to touch each account.
            self.assertEqual(account.error_code, "key_unusable")
            self.assertFalse(account.stopped)
        self.assertEqual(account._server_settings("imap").secret, SECRET)

    def test_key_of_the_configuration(self):
        with keys(""), patch.dict(config.options, {secret_box.OPTION: new_key()}):
            sealed = secret_box.seal(SECRET, SALT)
            self.assertEqual(secret_box.unseal(sealed, SALT), SECRET)
        with keys(""), patch.dict(config.options, {secret_box.OPTION: "oops"}):
            with self.assertRaisesRegex(secret_box.KeyUnusable, "odoo.conf") as caught:
                secret_box.unseal(sealed, SALT)
            self.assertNotIn("oops", str(caught.exception))

    def test_key_file(self):
        with (
            tempfile.TemporaryDirectory() as folder,
            keys(""),
            patch.dict(config.options, {"data_dir": f"{folder}/data", secret_box.OPTION: None}),
        ):
            path = Path(folder, "data", secret_box.FILENAME)
            sealed = secret_box.seal(SECRET, SALT)
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
            self.assertEqual(os.listdir(path.parent), [path.name])
            self.assertEqual(secret_box.unseal(sealed, SALT), SECRET)

            path.chmod(0o644)
            with self.assertLogs(secret_box.__name__, "WARNING") as logged:
                self.assertEqual(secret_box.unseal(sealed, SALT), SECRET)
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
            self.assertNotIn(path.read_text(), "".join(logged.output))

            # A new key goes before the old one.
            old = path.read_text()
            path.write_text(f"{new_key()}\n{old}\n")
            self.assertTrue(secret_box.needs_reseal(sealed, SALT))

            for content in (b"", b"\n", b"\xff\xfe\x00", b"oops"):
                path.write_bytes(content)
                with self.assertRaisesRegex(secret_box.KeyUnusable, secret_box.FILENAME) as caught:
                    secret_box.unseal(sealed, SALT)
                self.assertNotIn("oops", str(caught.exception))
                self.assertEqual(path.read_bytes(), content)  # never replaced by another one

            path.unlink()
            path.mkdir()
            with self.assertRaisesRegex(secret_box.KeyUnusable, "can't be read"):
                secret_box.unseal(sealed, SALT)
            path.rmdir()
            # It is not there, for example because its folder is not mounted: another one is of no use.
            for read in (secret_box.unseal, secret_box.needs_reseal, secret_box.reseal):
                with self.assertRaises(secret_box.SecretUnreadable):
                    read(sealed, SALT)
            self.assertFalse(path.exists())
            account = self.make_account()
            account.google_gmail_refresh_sealed = sealed
            self.assertFalse(account.google_gmail_refresh_token)
            self.assertFalse(path.exists())
            secret_box.seal(SECRET, SALT)
            self.assertTrue(path.exists())

    def test_data_folder_that_can_not_be_written(self):
        # Even root makes no folder there.
        with (
            keys(""),
            patch.dict(config.options, {"data_dir": "/proc/nowhere", secret_box.OPTION: None}),
            self.assertRaisesRegex(secret_box.KeyUnusable, secret_box.ENVIRONMENT),
        ):
            secret_box.seal(SECRET, SALT)

    def test_data_folder_of_a_read_only_file_system(self):
        """The key that is there is read as ever. Where there is none, whoever enters a password is told,
        and the log has what to do."""
        refuse = OSError(errno.EROFS, os.strerror(errno.EROFS))
        with (
            tempfile.TemporaryDirectory() as folder,
            keys(""),
            patch.dict(config.options, {"data_dir": folder, secret_box.OPTION: None}),
        ):
            path = Path(folder, secret_box.FILENAME)
            account = self.make_account()
            with (
                patch.object(secret_box.os, "open", side_effect=refuse),
                self.assertLogs("odoo.addons.crm_member_mail", "ERROR") as logged,
                self.assertRaisesRegex(UserError, "server's log"),
            ):
                account.imap_password = SECRET
            self.assertIn("Read-only file system", logged.output[0])
            self.assertIn(str(path), logged.output[0])
            self.assertIn(secret_box.ENVIRONMENT, logged.output[0])
            self.assertNotIn("Traceback", logged.output[0])
            account.imap_password = SECRET
            path.chmod(0o644)
            with (
                patch.object(secret_box.os, "fchmod", side_effect=refuse),
                patch.object(secret_box.os, "open", side_effect=refuse),
                self.assertLogs(secret_box.__name__, "WARNING") as logged,
            ):
                self.assertEqual(account._server_settings("imap").secret, SECRET)
            self.assertIn("Read-only file system", logged.output[0])

    def test_database_without_its_key(self):
        with keys(new_key()):
            account = self.stored(imap_password=SECRET, user_id=self.user.id)
            orphan = self.stored(imap_password=SECRET)
        with keys(new_key()):
            other = self.stored(imap_password=SECRET)
            for _number in range(2):
                self.assertEqual([account._scan(), orphan._scan()], ["error"] * 2)
            self.assertTrue(account.stopped)
            self.assertEqual(account.error_code, "password_unreadable")
            self.assertIn("Enter the password again", account.error_message)
            activity = account.activity_ids
            self.assertEqual(len(activity), 1)
            self.assertEqual(activity.user_id, self.user)
            self.assertIn("Enter the password again", str(activity.note))
            # Everything about it is still shown.
            for user in (self.user, self.manager):
                shown = account.with_user(user)
                shown.web_read({name: {} for name in ("name", "state", "imap_password_set")})
                self.assertTrue(shown.imap_password_set)
            with Form(account.with_user(self.manager)) as form:
                form.name = "Renamed"
            self.assertEqual(other._server_settings("imap").secret, SECRET)

            account.with_user(self.manager).imap_password = OTHER
            self.assertFalse(account.stopped or account.error_message)
            self.assertEqual(account._server_settings("imap").secret, OTHER)
            self.env["member.mail.account"]._resume_readable()
            self.assertTrue(orphan.stopped)

    def test_accounts_resume_when_the_key_is_back(self):
        lost = new_key()
        with keys(lost):
            account = self.stored(imap_password=SECRET)
        with keys(new_key()):
            account._scan()
        self.assertTrue(account.stopped)
        with keys(new_key(), lost):
            account._resume_readable()
        self.assertFalse(account.stopped)
        self.assertEqual(account.state, "draft")
