"""What the benchmark prints: its table of figures with their targets, and the documentation page."""

import os
import platform
import re
import subprocess
from datetime import datetime, timezone
from pathlib import Path

from dev.bench.sections import SECTIONS
from dev.project import ROOT, table

DOCUMENT = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"


def needed(chosen):
    """The ``chosen`` cases and those that they are compared with."""
    lines = [line for _title, *lines in SECTIONS for line in lines]
    return set(chosen).union(*(line.cases for line in lines if line.cases & set(chosen)))


def lines(figures):
    """The table of what was measured; with a column of growths where there are any."""
    rows = [("", "measured", "wanted", "reached", "growth")]
    for title, *section in SECTIONS:
        found = [line for line in section if line.value(figures) is not None]
        if found:
            rows.append((title, "", "", "", ""))
        for line in found:
            reached = {True: "yes", False: "no", None: ""}[line.reached(figures)]
            text = line.form.format(line.value(figures))
            growth = line.growth(figures)
            growth = "" if growth is None else f"{growth:.1f} x"
            rows.append((f"  {line.label}", text, line.wanted(), reached, growth))
    if not any(row[-1] for row in rows[1:]):
        rows = [row[:-1] for row in rows]
    return table(rows, right={1, 2, 4})


def missed(figures):
    """The labels of lines that miss their target."""
    return [
        f"{title}: {line.label.strip()}"
        for title, *section in SECTIONS
        for line in section
        if line.reached(figures) is False
    ]


def machine():
    """What the figures were measured on."""
    cpuinfo = Path("/proc/cpuinfo")
    model = re.search(r"model name\s*: (.*)", cpuinfo.read_text()) if cpuinfo.exists() else None
    return {
        "date": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "processor": model[1] if model else platform.processor(),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        "python": platform.python_version(),
        "dovecot": _version("dovecot"),
        "mbsync": _version("mbsync"),
    }


def _version(program):
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"\d[\w.]*", done.stdout)
    return found[0] if found else "?"


def document(figures, sizes, where, command):
    """Put the table into docs/performance.md, between the two marks."""
    before, rest = DOCUMENT.read_text().split(BEGIN)
    after = rest.split(END)[1]
    head = (
        f"`{command}` on {where['date'][:10]}: {where['cores']} cores ({where['processor']}), load "
        f"{where['load']:.1f} at the end; Python {where['python']}, Dovecot {where['dovecot']}, "
        f"mbsync {where['mbsync']}."
    )
    used = ", ".join(f"{name} {size_text(size)}" for name, size in sizes.items())
    block = "\n".join(
        [BEGIN, "", head, f"Sizes: {used}.", "", "```text", *lines(figures), "```", "", END]
    )
    DOCUMENT.write_text(before + block + after)


def size_text(size):
    """A number, or several, as text."""
    return " / ".join(f"{one:,}" for one in (size if isinstance(size, list | tuple) else [size]))
