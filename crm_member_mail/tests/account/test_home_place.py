"""The file, or the configuration, by which a place is known."""

import os
import stat
import tempfile
import threading
from pathlib import Path
from unittest.mock import patch

from odoo.tests import BaseCase

from ...tools import home_place
from ...tools.home_place import PlaceUnusable, place_of


class TestHomePlace(BaseCase):
    def setUp(self):
        super().setUp()
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.enterContext(patch.dict(os.environ))
        os.environ.pop(home_place.ENVIRONMENT, None)

    def place(self, database="club", **options):
        return place_of({"data_dir": str(self.folder), **options}, database)

    def test_a_token_is_made_once(self):
        place = self.place()
        self.assertEqual(place.token(), "")
        token = place.settle()
        self.assertGreaterEqual(len(token), 32)
        self.assertEqual((place.token(), place.settle()), (token, token))
        path = Path(place.path)
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
        self.assertEqual(os.listdir(path.parent), [path.name], "no drafts are left")

    def test_another_token(self):
        place = self.place()
        former = place.settle()
        token = place.renew()
        self.assertNotEqual(token, former)
        self.assertEqual(place.token(), token)
        self.assertEqual(stat.S_IMODE(Path(place.path).stat().st_mode), 0o600)
        self.assertEqual(len(os.listdir(Path(place.path).parent)), 1)

    def test_each_database_has_its_own(self):
        names = ["club", "Club", "club.old", "../club", "a/b", "..", "Zürich", "x" * 63]
        tokens = {self.place(name).settle() for name in names}
        self.assertEqual(len(tokens), len(names))
        files = [file for file in self.folder.rglob("*") if file.is_file()]
        self.assertEqual(len(files), len(names), "none is outside of the folder")

    def test_who_comes_at_the_same_time_gets_the_same(self):
        """Both have seen that there is none."""
        place, barrier, found = self.place(), threading.Barrier(8), []

        def settle():
            barrier.wait(60)
            found.append(place._write(os.link))

        threads = [threading.Thread(target=settle) for _number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(found, [place.token()] * 8)
        self.assertTrue(place.token())

    def test_a_file_without_a_token_is_replaced(self):
        place = self.place()
        place.settle()
        Path(place.path).write_text("\n")
        self.assertTrue(place.settle())

    def test_what_cannot_be_read_is_no_token(self):
        place = self.place()
        place.settle()
        Path(place.path).write_bytes(b"\xff\xfe")
        with self.assertLogs(home_place.__name__, "ERROR"):
            self.assertEqual(place.token(), "")

    def test_a_folder_that_cannot_be_written(self):
        place = place_of({"data_dir": "/proc/nowhere"}, "club")
        for make in (place.settle, place.renew):
            with self.assertRaisesRegex(PlaceUnusable, home_place.ENVIRONMENT):
                make()

    def test_the_configuration_gives_a_name(self):
        option = {home_place.OPTION: "Berlin"}
        place = self.place(**option)
        self.assertEqual((place.settle(), place.renew()), (place.token(),) * 2)
        self.assertEqual(os.listdir(self.folder), [])
        self.assertNotIn("Berlin", place.token())
        self.assertNotEqual(self.place("copy", **option).token(), place.token())
        self.assertNotEqual(self.place(**{home_place.OPTION: "Bern"}).token(), place.token())
        os.environ[home_place.ENVIRONMENT] = "Berlin"
        self.assertEqual(self.place(**{home_place.OPTION: "Bern"}).token(), place.token())
