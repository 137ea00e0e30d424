"""What `make differential` prints."""

import json
from dataclasses import replace

from dev.differential import report
from dev.differential.differences import KINDS
from dev.differential.extracts import File

from ...mail import email_with
from .answers import compared

MAIL = email_with(b"Action: failed", "report.txt")


def some_results():
    results = compared(MAIL, text="See attached. Action: failed. Sorry!")
    results.others = 2
    results.failed["other"] = 1
    return results


def test_report_in_lines():
    lines = list(report.lines(some_results()))
    assert lines[:2] == [f"text: {KINDS['text']} (1)", "  some.eml  other: sorry"]
    assert any(line.split()[:2] == ["2", "in_a_file:"] for line in lines)
    assert lines[-2:] == [
        "other could not read 1 emails.",
        "1 emails, 2 other files: 1 differences are unexplained.",
    ]
    assert "  some.eml  other: action, failed" in report.lines(some_results(), True)


def test_long_differences_are_cut():
    (line,) = [
        line
        for line in report.lines(compared(MAIL, text=" ".join(f"word{n}" for n in range(20))))
        if "some.eml" in line
    ]
    assert line.endswith(" and 8 more")
    pair = (File("a.pdf", "x/y", 1, "", ""), File("", "x/y", 2, "", ""))
    results = some_results()
    results.left = [replace(results.left[0], items=(pair,))]
    assert "  some.eml  other: a.pdf [x/y, 1] instead of (no name) [x/y, 2]" in report.lines(
        results
    )


def test_report_as_json():
    assert json.loads(report.as_json(some_results())) == {
        "emails": 1,
        "other_files": 2,
        "not_read": {"other": 1},
        "explained": {"in_a_file": 2},
        "unexplained": [
            {"kind": "text", "mail": "some.eml", "parser": "other", "items": ["sorry"]}
        ],
    }
