"""One email by all parsers: what differs, and what of it is explained."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime

from crm_member_mail.mailbox.mime.addresses import canonical
from crm_member_mail.mailbox.mime.message import parse

from .differences import Case, Difference, differences
from .explained import RULES
from .extracts import of_foreign, of_ours


@dataclass
class Results:
    """What was found in all emails, which are said to have come at ``arrival``.

    ``left`` are the Differences that no rule explains, ``explained`` those that a rule does, by name;
    ``failed`` counts emails that a foreign parser could not read, ``others`` files that are no emails.
    """

    arrival: datetime
    others: int = 0
    emails: int = 0
    left: list = field(default_factory=list)
    explained: dict = field(default_factory=lambda: defaultdict(list))
    failed: Counter = field(default_factory=Counter)


def compare(name, data, answers, results):
    """Compare what our parser and the foreign ones find in an email, and add that to the Results.

    :param str name: by which the email is listed
    :param bytes data: the email
    :param dict answers: those of ``foreign.mjs``, by the name of the parser
    """
    results.emails += 1
    try:
        message = parse(data, uid_date=results.arrival)
    except Exception as error:  # whatever it is: that is what we want to know
        results.left.append(Difference("crash", name, "ours", (repr(error),)))
        return
    ours = of_ours(message, results.arrival)
    for parser, answer in answers.items():
        theirs = of_foreign(answer, canonical)
        if theirs is None:
            results.failed[parser] += 1
            continue
        case = Case(data, message, ours, theirs, results.arrival)
        for difference in differences(case, name, parser):
            _explain(difference, case, results)


def _explain(difference, case, results):
    """Add a Difference to the Results, each of its items where it belongs."""
    found = defaultdict(list)
    for item in difference.items:
        found[_explanation(item, difference.kind, case)].append(item)
    for name, items in found.items():
        part = replace(difference, items=tuple(items))
        (results.explained[name] if name else results.left).append(part)


def _explanation(item, kind, case):
    """The name of the rule that explains an item; None when there is none."""
    for rule in RULES:
        if kind in rule.kinds and rule.explains(item, case):
            return rule.name
    return None
