import re

_FORWARD = re.compile(
    r"\s*(?:fwd?|wg|tr|rv|enc|i|vs|pd|doorst|vb|vl)\s*:|\s*\[fwd?:", re.IGNORECASE
)


def is_forward(subject):
    """Whether the subject says that somebody else's message follows."""
    return bool(_FORWARD.match(subject))
