"""The benchmark: how fast mail is read and filed, beside Odoo's own fetchmail.

    make bench                             all cases, on 2,000 messages and 100,000 contacts
    make bench ARGS="--only scan"          one case
    make bench ARGS=--document             also puts the figures into docs/performance.md

Prints a table, and writes all figures to .dev/bench/latest.json.
"""

import argparse
import contextlib
import importlib
import json
import os
import platform
import re
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from dev.bench.cases import CASES  # noqa: E402
from dev.bench.setting import FOLDER, LOG, Setting  # noqa: E402
from dev.project import Cluster, Trouble, end_on_sigterm, step, table  # noqa: E402

#: Lines of the table: what it says, the figure, how to write it.
FIGURES = (
    (
        "Bare imapclient loop, address headers only",
        "headers.messages_per_second",
        "{:,.0f} messages/s",
    ),
    ("Our scan of the whole mailbox", "scan.messages_per_second", "{:,.0f} messages/s"),
    ("  in all", "scan.seconds", "{:.2f} s"),
    ("  reading headers", "scan.seconds_headers", "{:.2f} s"),
    ("  matching with contacts", "scan.seconds_match", "{:.2f} s"),
    ("  downloading what matched", "scan.seconds_bodies", "{:.2f} s"),
    ("  parsing it", "scan.seconds_parsing", "{:.2f} s"),
    ("  filing it", "scan.seconds_filing", "{:.2f} s"),
    ("  download, parsing and filing", "scan.filed_per_second", "{:,.0f} messages/s"),
    ("Our scan when nothing is new", "scan.idle_seconds", "{:.3f} s"),
    ("  SQL queries", "scan.idle_queries", "{:d}"),
    ("Odoo's fetchmail on a sample", "fetchmail.messages_per_second", "{:.1f} messages/s"),
)

#: Ratios: what it says, the two figures, and what is the least that we want.
RATIOS = (
    (
        "Whole mailbox, ours to fetchmail",
        "scan.messages_per_second",
        "fetchmail.messages_per_second",
        100,
    ),
    (
        "Filed messages, ours to fetchmail",
        "scan.filed_per_second",
        "fetchmail.messages_per_second",
        20,
    ),
)

DOCUMENT = ROOT / "docs" / "performance.md"


def measure(options):
    """Run the cases; returns all figures by ``case.figure``."""
    sizes = {
        "messages": options.messages, "contacts": options.contacts, "sample": options.sample,
    }  # fmt: skip
    figures = {}
    with contextlib.ExitStack() as stack:
        setting = Setting(stack.enter_context(Cluster(LOG)), stack, sizes)
        facts = setting.facts
        print(
            f"{facts['messages']:,} messages, {facts['bytes'] / 1e6:,.0f} MB, "
            f"{facts['members']} of members; {options.contacts:,} contacts"
        )
        for case in options.only or CASES:
            with step(f"Measuring {case}"):
                found = importlib.import_module(f"dev.bench.cases.{case}").run(setting)
            figures |= {f"{case}.{name}": value for name, value in found.items()}
        return {name: facts[name] for name in ("messages", "bytes", "members")}, figures


def rows(figures):
    """The lines of the table, for the figures that were measured."""
    result = [("", "measured", "wanted")]
    for label, name, form in FIGURES:
        if name in figures:
            result.append((label, form.format(figures[name]), ""))
    for label, ours, theirs, least in RATIOS:
        if ours in figures and theirs in figures:
            ratio = figures[ours] / figures[theirs]
            form = "{:,.2f} x" if ratio < 10 else "{:,.0f} x"
            result.append((label, form.format(ratio), f"≥ {least} x" if least else ""))
    return result


def missed(figures):
    """The ratios that are not reached."""
    return [
        label
        for label, ours, theirs, least in RATIOS
        if least and ours in figures and theirs in figures
        and figures[ours] < least * figures[theirs]
    ]  # fmt: skip


def machine():
    """What the figures were measured on."""
    cpuinfo = Path("/proc/cpuinfo")
    model = re.search(r"model name\s*: (.*)", cpuinfo.read_text()) if cpuinfo.exists() else None
    dovecot = subprocess.run(["dovecot", "--version"], capture_output=True, text=True, check=False)
    return {
        "date": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "processor": model[1] if model else platform.processor(),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        "python": platform.python_version(),
        "dovecot": dovecot.stdout.split(" ")[0].strip(),
    }


def document(lines, facts, where):
    """Put the table into docs/performance.md, between its two marks."""
    begin, end = "<!-- bench: begin -->", "<!-- bench: end -->"
    before, rest = DOCUMENT.read_text().split(begin)
    after = rest.split(end)[1]
    head = (
        f"`make bench` on {where['date'][:10]}: {facts['messages']:,} messages "
        f"({facts['bytes'] / 1e6:,.0f} MB), {facts['members']} of members. {where['cores']} cores "
        f"({where['processor']}), load {where['load']:.1f}; Python {where['python']}, "
        f"Dovecot {where['dovecot']}."
    )
    block = "\n".join([begin, "", head, "", "```text", *lines, "```", "", end])
    DOCUMENT.write_text(before + block + after)


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", choices=CASES, help="measure these cases only")
    parser.add_argument("--messages", type=int, default=2_000)
    parser.add_argument("--contacts", type=int, default=100_000)
    parser.add_argument("--sample", type=int, default=60, help="messages for fetchmail")
    parser.add_argument("--document", action="store_true", help="update docs/performance.md")
    return parser.parse_args()


def main():
    options = arguments()
    end_on_sigterm()
    LOG.parent.mkdir(parents=True, exist_ok=True)
    LOG.write_text("")
    try:
        facts, figures = measure(options)
    except KeyboardInterrupt:
        print("\nStopped.")
        return 130
    except Trouble as trouble:
        print(f"\n{trouble}")
        return 1
    where = machine()
    result = {"machine": where, "mailbox": facts, "figures": figures}
    (FOLDER / "latest.json").write_text(json.dumps(result, indent=1))
    lines = table(rows(figures), right={1, 2})
    print("", *lines, "", f"All figures: {FOLDER / 'latest.json'}", sep="\n")
    if options.document:
        document(lines, facts, where)
    for label in missed(figures):
        print(f"Not reached: {label}")
    return 1 if missed(figures) else 0


if __name__ == "__main__":
    sys.exit(main())
