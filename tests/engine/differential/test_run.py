"""The command, and the foreign parsers in their processes, with stand-ins for those."""

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from dev.differential import run
from dev.differential.extracts import File, gist, sha256
from dev.differential.mailboxes import mails

from ...patience import at_most
from .answers import answer

#: Stand-ins for the foreign parsers, in the forms in which those answer.
MAILPARSER = """
exports.simpleParser = async (data) => {
    const text = data.toString();
    console.log("a parser that prints");
    while (text.includes("endless"));
    for (const found = []; text.includes("huge"); found.push(text.repeat(2).split("")));
    if (text.includes("broken")) { throw new Error("oh"); }
    const group = { name: "Team", group: [{ name: "Bo", address: "bo@x.example" }] };
    return {
        from: { value: [{ name: "Ana", address: "ana@x.example" }] },
        to: [{ value: [group] }, { value: [{ address: "c@x.example", name: "" }] }],
        date: new Date(0),
        subject: "Plan",
        text: text.includes("long") ? "x".repeat(3e6) : "Hello",
        html: false,
        attachments: [
            { filename: "a.txt", contentType: "text/plain", content: Buffer.from("x \\n") },
        ],
    };
};
"""
POSTAL = """
module.exports = {
    parse: async (data) => ({
        from: { name: "Ana", address: "ana@x.example" },
        to: [{ name: "Team", group: [{ name: "Bo", address: "bo@x.example" }] }],
        cc: [{ name: "", address: "c@x.example" }],
        date: "1970-01-01T00:00:00.000Z",
        subject: "Plan",
        text: "Hello",
        attachments: [
            { filename: null, mimeType: "image/png", content: new Uint8Array([120]).buffer },
        ],
    }),
};
"""


@pytest.fixture
def modules(tmp_path):
    """A folder with the stand-ins, as npm would lay it out."""
    if not run.NODE.exists():
        pytest.skip("Node.js comes with the linters: dev/setup lint")
    for name, code in {"mailparser": MAILPARSER, "postal-mime": POSTAL}.items():
        (tmp_path / "node_modules" / name).mkdir(parents=True)
        (tmp_path / "node_modules" / name / "index.js").write_text(code)
    return tmp_path


def letters(folder, *texts):
    folder.mkdir()
    for number, text in enumerate(texts):
        (folder / f"{number}.eml").write_text(f"Subject: Plan\n\n{text}")
    return mails(folder)[0]


def test_both_parsers_answer_alike(modules):
    (found,) = run.answers(letters(modules / "mail", "Hello"), modules=modules)
    ours, postal = found["mailparser"], found["postal-mime"]
    assert ours.pop("files") == [
        asdict(File("a.txt", "text/plain", 3, sha256(b"x \n"), gist(b"x"), "x \n"))
    ]
    assert postal.pop("files") == [asdict(File("", "image/png", 1, sha256(b"x"), gist(b"x")))]
    assert ours == postal
    assert ours == {
        "from": [["Ana", "ana@x.example"]],
        "to": [["Bo", "bo@x.example"], ["", "c@x.example"]],
        "date": "1970-01-01T00:00:00.000Z",
        "subject": "Plan",
        "text": "Hello",
        "html": "",
    }


def test_the_last_answer_arrives_whole(modules):
    answers = list(run.answers(letters(modules / "mail", "long", "long"), modules=modules))
    assert [len(answer["mailparser"]["text"]) for answer in answers] == [3_000_000] * 2


def test_one_bad_email_does_not_stop_the_next(modules):
    """One that never ends, one that takes all memory, one that can't be read."""
    seconds = round(at_most(5))
    found = letters(modules / "mail", "endless", "Hello", "huge", "broken", "Hello")
    answers = list(run.answers(found, modules=modules, limits=(seconds, 64)))
    errors = [answer["mailparser"].get("error", "") for answer in answers]
    assert errors[0] == f"no answer within {seconds} s" and errors[2] == "the process ended"
    assert (errors[1], errors[3], errors[4]) == ("", "Error: oh", "")
    assert not any("error" in answer["postal-mime"] for answer in answers)


def test_the_command(modules, monkeypatch, capsys):
    letters(modules / "mail", "Hello, all of you")
    monkeypatch.setattr(run, "MODULES", modules)
    monkeypatch.setattr(
        run, "answers", lambda found: [{"other": answer(found[0].read(), **CHANGED)}]
    )
    monkeypatch.setattr(sys, "argv", ["run.py", str(modules / "mail"), "--json"])
    assert run.main() == 1
    assert json.loads(capsys.readouterr().out)["unexplained"][0]["items"] == ["and", "sundry"]
    monkeypatch.setattr(run, "answers", lambda found: [{"other": answer(found[0].read())}])
    assert run.main() == 0
    monkeypatch.setattr(run, "MODULES", modules / "nowhere")
    with pytest.raises(SystemExit):
        run.main()
    assert "dev/setup lint differential" in capsys.readouterr().err


CHANGED = {"text": "Hello, all and sundry", "subject": ""}


def test_a_parser_that_does_not_start(modules):
    (modules / "node_modules/mailparser/index.js").write_text("process.exit(1)")
    found = letters(modules / "mail", "Hello", "Hello")
    answers = list(run.answers(found, modules=modules))
    assert all("error" in answer["mailparser"] for answer in answers)
    assert not any("error" in answer["postal-mime"] for answer in answers)


def test_which_emails():
    environment = {name: value for name, value in os.environ.items() if name != "MAIL_CORPUS"}
    for corpus, words_of_it in ({}, "which emails?"), ({"MAIL_CORPUS": "/dev/null"}, "no emails"):
        done = subprocess.run(
            [sys.executable, Path(run.__file__)], env=environment | corpus, text=True,
            capture_output=True, check=False,
        )  # fmt: skip
        assert done.returncode == 2 and words_of_it in done.stderr
