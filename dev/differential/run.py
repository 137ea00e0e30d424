"""Reads emails with our parser and with two foreign ones, and lists where ours has less.

    make differential MAIL_CORPUS=FOLDER                    all emails below: files, mbox files, maildirs
    make differential MAIL_CORPUS=FOLDER ARGS=--json        the same as JSON
    make differential MAIL_CORPUS=FOLDER ARGS=--explained   also what the rules of explained.py explain

Exits with 1 when something is unexplained.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from datetime import datetime, timezone
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from dev.differential import report  # noqa: E402
from dev.differential.compare import Results, compare  # noqa: E402
from dev.differential.mailboxes import mails  # noqa: E402

#: What dev/setup installed: Node.js with the linters, and the folder with the foreign parsers.
NODE = ROOT / ".dev/lint-venv/bin/node"
MODULES = ROOT / ".dev/differential"


def answers(found, node=NODE, modules=MODULES, limits=()):
    """What the foreign parsers say of each of the Mails: a dict of the name of the parser to its answer.

    :param limits: seconds, and megabytes, that a parser may take for one email
    """
    with tempfile.TemporaryFile("w+") as asked:
        for mail in found:
            place = {"path": str(mail.path), "start": mail.start, "end": mail.end}
            asked.write(json.dumps(place) + "\n")
        asked.seek(0)
        command = [node, ROOT / "dev/differential/foreign.mjs", modules, *limits]
        # Its output waits for us in a pipe, so that neither side is far ahead of the other.
        with subprocess.Popen(
            list(map(str, command)), stdin=asked, stdout=subprocess.PIPE
        ) as foreign:
            for _mail in found:
                line = foreign.stdout.readline()
                if not line:
                    raise SystemExit(f"Node.js ended with {foreign.wait()} before the last email.")
                yield json.loads(line)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?", default=os.environ.get("MAIL_CORPUS"))
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--explained", action="store_true", help="list what is explained, too")
    options = parser.parse_args()
    if not options.folder:
        parser.error("which emails? Say MAIL_CORPUS=FOLDER.")
    found, others = mails(Path(options.folder).resolve())
    if not found:
        parser.error(f"there are no emails below {options.folder}")
    if not NODE.exists() or not (MODULES / "node_modules").is_dir():
        parser.error("the foreign parsers are missing: dev/setup lint differential")
    results = Results(others=len(others), arrival=datetime.now(timezone.utc))
    for mail, answer in zip(found, answers(found), strict=True):
        compare(mail.name, mail.read(), answer, results)
    if options.json:
        print(report.as_json(results))
    else:
        print("\n".join(report.lines(results, options.explained)))
    return 1 if results.left else 0


if __name__ == "__main__":
    sys.exit(main())
