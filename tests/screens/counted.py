"""Clicks and keys, counted: each click, key and combination of keys once."""

import contextlib


class Counted:
    """A page (`test_live.Page`) whose clicks and keys are counted."""

    def __init__(self, page):
        self.page, self.count = page, 0

    @contextlib.contextmanager
    def at_most(self, number):
        """What is done meanwhile takes so many clicks and keys, or fewer."""
        self.count = 0
        yield
        assert self.count <= number

    def click(self, selector, text=""):
        """Click on the first element that matches, once there is one."""
        self.count += 1
        self.page.wait_for(selector, text, click=True)

    def press(self, key, held=""):
        self.count += 1
        self.page.press(key, held)

    def type(self, where, text):
        """Type letter by letter into what has the focus, once that is what matches ``where``; not
        counted."""
        self.page.wait_for(f"{where}:focus")
        for letter in text:
            self.page.type(letter)
