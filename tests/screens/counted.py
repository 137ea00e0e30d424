"""Clicks and keys as people make them, counted: each click, key and combination of keys once."""

import contextlib
import json

#: The middle of an element, as [x, y], once it is there, at rest, and nothing covers it.
MIDDLE = """
new Promise((resolve) => {
    let before = "";
    const look = () => {
        const found = [...document.querySelectorAll(%s)].find((element) =>
            element.textContent.includes(%s) && element.getClientRects().length && !element.disabled);
        found?.scrollIntoView({block: "center", behavior: "instant"});
        const box = found?.getBoundingClientRect();
        const place = box ? [box.x + box.width / 2, box.y + box.height / 2] : [];
        const top = box && document.elementFromPoint(...place);
        if (top && found.contains(top) && String(place) === before) {
            resolve(place);
        } else {
            before = String(place);
            setTimeout(look, 50);
        }
    };
    look();
})
"""


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
        """Click into the middle of an element with the mouse."""
        self.count += 1
        middle = MIDDLE % (json.dumps(selector), json.dumps(text))
        x, y = self.page.evaluate(middle, awaitPromise=True)
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            self.page.browser._websocket_request(
                "Input.dispatchMouseEvent",
                params={"type": kind, "x": x, "y": y, "button": "left", "clickCount": 1},
            )

    def press(self, key, held=""):
        self.count += 1
        self.page.press(key, held)

    def type(self, where, text):
        """Type letter by letter into what has the focus, once that is what matches ``where``; not
        counted."""
        self.page.wait_for(f"{where}:focus")
        for letter in text:
            self.page.type(letter)
