"""What `make differential` prints."""

import json

from .differences import KINDS
from .explained import RULES

#: Items of a difference, and characters of each, that fit into its line.
_ITEMS, _CHARACTERS = 12, 80


def lines(results, with_explained=False):
    """The report as lines: one for each difference, by kind, and the counts.

    :param Results results:
    :param bool with_explained: also one for what each rule explains of each email
    """
    for kind, title in KINDS.items():
        found = [difference for difference in results.left if difference.kind == kind]
        if found:
            yield f"{kind}: {title} ({len(found)})"
            yield from map(_line, found)
            yield ""
    yield "Explained:"
    for rule in RULES:
        found = results.explained.get(rule.name, ())
        if found:
            yield f"  {_count(found):6} {rule.name}: {rule.why}"
            if with_explained:
                yield from map(_line, found)
    yield ""
    for parser, count in sorted(results.failed.items()):
        yield f"{parser} could not read {count} emails."
    yield (
        f"{results.emails} emails, {results.others} other files: "
        f"{len(results.left)} differences are unexplained."
    )


def as_json(results):
    """The report as JSON, with all items of the differences."""
    left = [
        {
            "kind": difference.kind,
            "mail": difference.mail,
            "parser": difference.parser,
            "items": list(map(_shown, difference.items)),
        }
        for difference in results.left
    ]
    figures = {
        "emails": results.emails,
        "other_files": results.others,
        "not_read": dict(results.failed),
        "explained": {name: _count(found) for name, found in results.explained.items()},
        "unexplained": left,
    }
    return json.dumps(figures, ensure_ascii=False, indent=1)


def _count(differences):
    return sum(len(difference.items) for difference in differences)


def _line(difference):
    shown = [_shown(item)[:_CHARACTERS] for item in difference.items[:_ITEMS]]
    more = len(difference.items) - len(shown)
    rest = f" and {more} more" if more > 0 else ""
    return f"  {difference.mail}  {difference.parser}: {', '.join(shown)}{rest}"


def _shown(item):
    if isinstance(item, tuple):
        ours, theirs = item
        return f"{_shown(ours)} instead of {_shown(theirs)}"
    if hasattr(item, "digest"):
        return f"{item.name or '(no name)'} [{item.kind}, {item.size}]"
    return str(item)
