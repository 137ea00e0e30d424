"""The demo mailbox: some sixty letters of a small club, and what filing them must come to."""

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from .letter import Letter, Writer
from .messages import difficult, everyday, strangers, world
from .people import CONTACTS


def letters(today) -> list[Letter]:
    """All letters in the order of their arrival, dated back from the date ``today``."""
    writer = Writer(today)
    for module in (everyday, world, difficult, strangers):
        module.write(writer)
    return sorted(writer.letters, key=lambda letter: letter.moment)


@dataclass
class Expected:
    """What a contact's Messages tab must hold; a company's tab holds its people's mail too."""

    received: int = 0
    sent: int = 0
    files: int = 0
    slugs: set = field(default_factory=set)


def expected(all_letters) -> dict[str, Expected]:
    """The Expected of every contact, by its key."""
    parent_of = {contact.key: contact.parent for contact in CONTACTS}
    result = defaultdict(Expected)
    for letter in all_letters:
        keys = set(letter.contacts) if letter.filed else set()
        for key in keys | {parent_of[key] for key in keys if parent_of[key]}:
            result[key].sent += letter.outgoing
            result[key].received += not letter.outgoing
            result[key].files += len(letter.files)
            result[key].slugs.add(letter.slug)
    return {contact.key: result[contact.key] for contact in CONTACTS}


def version() -> str:
    """Changes when the demo's letters or contacts change."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        if path.name not in ("run.py", "checks.py", "in_odoo.py"):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
