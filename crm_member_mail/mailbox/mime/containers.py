"""Files that hold what belongs to the email itself, opened: Outlook's winmail.dat.

They stay leaves, as which they count in the email's identity, whatever this version can open.
"""

import dataclasses

from .leaves import Branch
from .tnef import open_winmail

_WINMAIL = frozenset(("application/ms-tnef", "application/vnd.ms-tnef"))


def opened(leaves):
    """The parts of an email, with what is in its containers.

    :param Leaves leaves:
    :return: Leaves
    """
    each = []
    root = _opened(leaves.root, each)
    return dataclasses.replace(leaves, root=root, each=tuple(each))


def _opened(node, each):
    if isinstance(node, Branch):
        children = tuple(_opened(child, each) for child in node.children)
        return dataclasses.replace(node, children=children)
    inside = _inside(node)
    leaf = dataclasses.replace(node, inside=inside) if inside else node
    each.append(leaf)
    return leaf


def _inside(leaf):
    """What is in a file: Opened, or None when it is no container."""
    if leaf.is_body:
        return None
    if leaf.kind in _WINMAIL or leaf.name.lower() == "winmail.dat":
        return open_winmail(leaf.data)
    return None
