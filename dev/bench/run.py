"""The benchmark: what reading and filing emails costs, compared with other programs.

    make bench                             all cases
    make bench ARGS="--only idle"          one case, and those that it is compared with
    make bench ARGS="--only filing --profile"   also where the time goes: .dev/bench/filing.profile.txt
    make bench ARGS="--only growth --growth-sizes 10000 30000 100000"   a quick look
    make bench ARGS=--document             also updates the figures in docs/performance.md

Prints a table and writes all figures to .dev/bench/latest.json. Exits with 1 when a target is missed.
"""

import argparse
import contextlib
import importlib
import json
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from dev.bench import report  # noqa: E402
from dev.bench.cases import CASES  # noqa: E402
from dev.bench.setting import FOLDER, LOG, SIZES, Setting  # noqa: E402
from dev.project import Cluster, Trouble, end_on_sigterm  # noqa: E402


def measure(sizes, only, profile, figures):
    """Run the cases; fills ``figures``, a dict of ``case.figure`` to value."""
    with contextlib.ExitStack() as stack:
        setting = Setting(stack.enter_context(Cluster(LOG)), stack, sizes, profile)
        for case in CASES:
            if case in only:
                print(f"Measuring {case}", flush=True)
                start = time.monotonic()
                found = importlib.import_module(f"dev.bench.cases.{case}").run(setting)
                print(f"  … {time.monotonic() - start:.0f} s", flush=True)
                figures |= {f"{case}.{name}": value for name, value in found.items()}


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--only", nargs="+", choices=CASES, default=CASES, help="only measure these cases"
    )
    parser.add_argument("--document", action="store_true", help="update docs/performance.md")
    parser.add_argument("--profile", action="store_true", help="write profiles (slower)")
    for name, (default, text) in SIZES.items():
        several = {"nargs": "+"} if isinstance(default, tuple) else {}
        parser.add_argument(
            # As it is called here, and as options of other programs are.
            *dict.fromkeys((f"--{name.replace('_', '-')}", f"--{name}")),
            dest=name,
            type=int,
            default=default,
            help=f"{text} ({report.size_text(default)})",
            **several,
        )
    return parser.parse_args()


def main():
    options = arguments()
    sizes = {name: getattr(options, name) for name in SIZES}
    end_on_sigterm()
    LOG.parent.mkdir(parents=True, exist_ok=True)
    LOG.write_text("")
    figures = {}
    try:
        measure(sizes, report.needed(options.only), options.profile, figures)
    except KeyboardInterrupt:
        print("", *report.lines(figures), "", "Stopped.", sep="\n")
        return 130
    except Trouble as trouble:
        print("", *report.lines(figures), "", trouble, sep="\n")
        return 1
    where = report.machine()
    result = {"machine": where, "sizes": sizes, "figures": figures}
    (FOLDER / "latest.json").write_text(json.dumps(result, indent=1))
    print("", *report.lines(figures), "", f"All figures: {FOLDER / 'latest.json'}", sep="\n")
    if options.document:
        given = " ".join(argument for argument in sys.argv[1:] if argument != "--document")
        command = f'make bench ARGS="{given}"' if given else "make bench"
        report.document(figures, sizes, where, command)
    missed = report.missed(figures)
    for label in missed:
        print(f"Target missed: {label}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
