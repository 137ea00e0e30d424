"""`dev/upgrade`: what it calls a difference."""

import pytest

from dev.upgrade.run import difference


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        ({"1": {"body": "a", "files": [1]}}, {"1": {"body": "a", "files": [1]}}, []),
        ({"1": {"body": "a"}}, {"1": {"body": "b"}}, ["/1/body: 'a' … 'b'"]),
        ({"1": {"body": "a"}}, {}, ["/1: {'body': 'a'} … None"]),
        ({}, {"2": 3}, ["/2: None … 3"]),
        ({"1": ["x"]}, {"1": ["x", "y"]}, ["/1: ['x'] … ['x', 'y']"]),
    ],
    ids=["none", "a text", "a message is gone", "one more", "a list"],
)
def test_difference(before, after, lines):
    assert difference(before, after) == lines
