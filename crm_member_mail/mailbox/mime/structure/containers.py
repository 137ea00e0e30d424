"""Leaves that hold what belongs to the email itself, opened: Outlook's winmail.dat, S/MIME, and texts
that are MIME (:mod:`~.misplaced`).

They stay leaves, as which they count in the email's identity, whatever this version can open. What the
latter two hold is cut into parts and decoded as an email is: it goes the same way from its
beginning, as far as here.
"""

import dataclasses
from dataclasses import dataclass

from ..defects import TOO_DEEP, TOO_MANY_PARTS
from . import misplaced, protection
from .leaves import Branch, Leaf, leaves_of
from .splitter import split
from .tnef import open_winmail

_TEXTS = ("text/plain", "text/html")
_WINMAIL = frozenset(("application/ms-tnef", "application/vnd.ms-tnef"))


@dataclass(frozen=True, slots=True)
class Enclosed:
    """What a container of S/MIME, or a text, holds. ``mark`` is SIGNED or ENCRYPTED of
    :mod:`~.protection`, or ''; ``root`` a Leaf or a Branch, None when it stays closed."""

    mark: str
    root: Leaf | Branch | None = None


def opened(leaves, limits):
    """The parts of an email, with what is in its containers.

    :param Leaves leaves:
    :param Limits limits: for all of them together
    :return: Leaves
    """
    if not any(map(_may_be_container, leaves.each)):
        return leaves
    opener = _Opener(limits, limits.parts - len(leaves.each), list(leaves.defects), leaves.charset)
    root, each = opener.opened(leaves.root, depth=0)
    return dataclasses.replace(
        leaves,
        root=root,
        each=tuple(each),
        charset=opener.charset,
        defects=tuple(dict.fromkeys(opener.defects)),
    )


def _is_winmail(leaf):
    return leaf.kind in _WINMAIL or leaf.name.lower() == "winmail.dat"


def _may_be_container(leaf):
    if leaf.role == "text":
        return leaf.kind in _TEXTS and misplaced.may_be_entity(leaf.data)
    is_smime = leaf.kind in protection.CONTAINERS or leaf.name.lower().endswith(".p7m")
    return is_smime or _is_winmail(leaf) or protection.is_container(leaf.kind, leaf.name, leaf.data)


@dataclass(slots=True)
class _Opener:
    """``parts`` and ``room`` are how many parts, and bytes of what was compressed, may still come;
    ``layers`` how many containers are open. ``charset`` is that of Leaves."""

    limits: object
    parts: int
    defects: list
    charset: str
    room: int = protection.MAX_INFLATED
    layers: int = 0

    def opened(self, node, depth):
        """A node with what is in the containers below it, and its Leafs."""
        if not isinstance(node, Branch):
            inside = self._inside(node, depth)
            leaf = dataclasses.replace(node, inside=inside) if inside else node
            return leaf, [leaf]
        children, each = [], []
        for child in node.children:
            found, below = self.opened(child, depth + 1)
            children.append(found)
            each += below
        return dataclasses.replace(node, children=tuple(children)), each

    def _inside(self, leaf, depth):
        """What is in a file: Opened, Enclosed, or None when it is no container."""
        if not _may_be_container(leaf):
            return None
        if _is_winmail(leaf):
            return open_winmail(leaf.data)
        if leaf.role == "text":
            mark, entity = "", misplaced.entity_of(leaf.data, leaf.kind, leaf.charset)
        else:
            mark, entity = protection.open_container(
                leaf.kind, leaf.name, leaf.smime_type, leaf.data, self.room
            )
        root = self._enclosed(entity, depth + 1) if entity else None
        return Enclosed(mark, root) if mark or root else None

    def _enclosed(self, entity, depth):
        """The root of the parts of a MIME entity; None when there are too many containers."""
        if self.layers >= protection.MAX_LAYERS or depth >= self.limits.depth:
            self.defects.append(TOO_DEEP)
            return None
        if self.parts <= 0:
            self.defects.append(TOO_MANY_PARTS)
            return None
        limits = dataclasses.replace(self.limits, parts=self.parts, depth=self.limits.depth - depth)
        self.room -= len(entity)
        parts = split(entity, limits)
        if parts.root.get_content_type() == "message/rfc822":
            # The whole email, to protect its header (RFC 8551 section 3.1).
            parts = split(parts.root.raw, limits)
        leaves = leaves_of(parts)
        self.parts -= len(leaves.each)
        self.defects += leaves.defects
        self.charset = self.charset or leaves.charset
        self.layers += 1
        root, _each = self.opened(leaves.root, depth)
        self.layers -= 1
        return root
