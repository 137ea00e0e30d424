"""Where is my mail? For each row of the table of `test_parties`, the search says what the scan did."""

from ..scan.test_parties import ROWS, colleague, read_archive, rows
from ..scan.test_scan import filed, run_job

__all__ = ["colleague", "rows"]

#: The verdict on each row that is not filed, and words that its explanation has.
WHY = {
    "stranger to us": ("stranger", "joe@else.example"),
    "address as a stranger's name": ("stranger", "joe@else.example"),
    "stranger, colleague in Cc": ("stranger", "joe@else.example"),
    "list, contact in Cc": ("bulk", "only its author counts, not rob"),
    "list, contact in Reply-To": ("bulk", "only its author counts, not rob"),
    "list, stranger rewritten": ("stranger", "sent it for joe@else.example"),
    "list, we write": ("stranger", "rowers@lists.example"),
    "list, rewritten, somebody who calls himself like another": (
        "bulk", "sent it for joe@else.example",
    ),
    "list, X-Original-From of somebody elsewhere": ("bulk", "only its author counts, not ada"),
    "newsletter to visible contacts": ("bulk", "only its author counts, not ada, rob"),
    "bulk mail to visible contacts": ("bulk", "No contact or open lead has the address joe@"),
    "group, stranger": ("stranger", "sent it for joe@else.example"),
    "group, colleague": ("ours", "among yourselves"),
    "web form, of a stranger": ("stranger", "sent it for joe@else.example"),
    "our own email to ourselves": ("ours", "among yourselves"),
    "colleague to us": ("ours", "colleagues"),
    "colleague by a sub-address": ("ours", "colleagues"),
    "we to a colleague": ("ours", "colleagues"),
    "we to ourselves by a sub-address": ("ours", "among yourselves"),
    "we to strangers": ("stranger", "joe@else.example, kim@else.example"),
    "sent, answers to a contact": ("stranger", "only its recipients count, not rob"),
    "redirected by a stranger": ("stranger", "joe@else.example"),
}  # fmt: skip


def verdicts(env, account):
    """Dict of the name of a row to its line."""
    found = {}
    for number, name in enumerate(ROWS):
        query = f"<row-{number}@rows.example>"
        trace = env["member.mail.trace"].create({"account_id": account.id, "query": query})
        trace.action_search()
        [found[name]] = trace.line_ids
    return found


def test_every_row(env, rows, contact):
    for name in ("ada", "rob", "sec"):
        contact(name, f"{name}@member.example")
    run_job(env)
    read_archive(env, rows)

    lines = verdicts(env, rows)

    under = {name: row[2].split() for name, row in ROWS.items()}
    for name, line in lines.items():
        if under[name]:
            assert line.verdict == "filed", (name, line.explanation)
            assert f"Filed under {', '.join(under[name])} on" in line.explanation
        else:
            verdict, words = WHY[name]
            assert line.verdict == verdict, (name, line.explanation)
            assert words in line.explanation, name
    assert filed(env).ids and WHY.keys() == {name for name in ROWS if not under[name]}


def test_what_only_the_sender_setting_keeps_out(env, rows, contact):
    rows.received_under = "sender"
    for name in ("ada", "rob", "sec"):
        contact(name, f"{name}@member.example")
    run_job(env)
    read_archive(env, rows)

    lines = verdicts(env, rows)

    names = {message.subject for message in filed(env)}
    assert {name for name, line in lines.items() if line.verdict == "filed"} == names
    line = lines["contact in Cc"]
    assert line.verdict == "sender_only" and "so rob doesn't count" in line.explanation
    assert line.contact_email == "joe@else.example"
