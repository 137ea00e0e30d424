"""No regular expression of ours backtracks: each takes time that grows with the text alone.

Every repetition of every expression is fed with many times what it repeats, and an end that it does not
expect.
"""

import ast
import importlib
import importlib.util
import pkgutil
import re
import time
from itertools import islice
from pathlib import Path
from re import _constants as sre
from re import _parser as parser

import pytest

import crm_member_mail.mailbox as engine
from dev.house import ADDON

#: Characters of a short text; the long one has eight times as many.
SHORT = 500
#: How much longer a text takes that is eight times as long, at most; squares take 64 times as long.
MOST = 24
#: Seconds that may be noise.
NOISE = 0.003

#: What texts for an expression are made of.
_LETTERS = "aA0 -_.,;:@<>=/\\\"'()[]{}\n\r\t%&#+*?!|~^$éß€あ"


SOURCES = {
    path: path.read_text() for path in sorted(ADDON.rglob("*.py")) if "tests" not in path.parts
}
_USE = re.compile(r"\b(\w+)\.(search|sub|subn|finditer|findall|split|match|fullmatch)\b")


def _uses(source):
    """How expressions are used in a module: dict of their names to sets of `match`, `fullmatch` and
    `search`, which stands for all that looks for them anywhere."""
    found = {}
    for name, method in _USE.findall(source):
        use = method if method in ("match", "fullmatch") else "search"
        found.setdefault(name, set()).add(use)
    return found


#: In any module, for those that are not used where they are defined.
_EVERYWHERE = _uses("\n".join(SOURCES.values()))
_ALL = {"match", "fullmatch", "search"}


#: Modules beside the engine that read what strangers wrote, and need no Odoo.
BESIDE = (
    "tools.remains_layers", "tools.remains", "models.privacy.erased_file",
    "models.privacy.erased_words",
)  # fmt: skip


def _modules():
    """The modules of the engine, and those beside it: pairs of a short name and a module."""
    for module in pkgutil.walk_packages(engine.__path__, f"{engine.__name__}."):
        yield module.name.removeprefix(f"{engine.__name__}."), importlib.import_module(module.name)
    for name in BESIDE:
        # By themselves: their packages need Odoo.
        path = (ADDON / name.replace(".", "/")).with_suffix(".py")
        spec = importlib.util.spec_from_file_location(f"{ADDON.name}.{name}", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        if name.endswith("words"):
            names = [["ada", "member"], ["J.", "O'Brien-Groß"], ["山田", "太郎"]]
            addresses = ["ada.x@gmail.com", "ada@member.example"]
            module.forms = [
                pattern
                for _letters, _change, forms in module.Words(addresses, names, ["Ada"])._readings
                for _parts, pattern in forms
            ]
        yield name, module


def _compiled():
    """The expressions of these modules: dict of name to Pattern and how it is used."""
    found, known = {}, set()
    for short, loaded in _modules():
        own = _uses(SOURCES[Path(loaded.__file__)])
        for name, value in vars(loaded).items():
            uses = own.get(name) or _EVERYWHERE.get(name, _ALL)
            for number, pattern in enumerate(_inside(value)):
                if pattern not in known:
                    known.add(pattern)
                    found[f"{short}.{name}" + (f"[{number}]" if number else "")] = pattern, uses
    return found


def _inside(value, depth=3):
    if isinstance(value, re.Pattern):
        yield value
    elif depth and isinstance(value, (tuple, list, set, frozenset)):
        for each in value:
            yield from _inside(each, depth - 1)
    elif depth and isinstance(value, dict):
        for pair in value.items():
            yield from _inside(pair, depth - 1)


def _written():
    """The expressions that stand as text in the whole addon: as `_compiled`, by their places."""
    found = {}
    for path, source in SOURCES.items():
        for node in ast.walk(ast.parse(source)):
            is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            if not is_call or getattr(node.func.value, "id", "") != "re" or not node.args:
                continue
            try:
                text = ast.literal_eval(node.args[0])
                names = {each.attr for arg in node.args[1:] for each in ast.walk(arg)
                         if isinstance(each, ast.Attribute)}  # fmt: skip
                flags = sum(getattr(re, name) for name in names & set(re.RegexFlag.__members__))
                pattern = re.compile(text, flags)
            except (ValueError, TypeError, re.error):
                continue  # it is made of others: see `_compiled`
            method = node.func.attr
            uses = {method if method in ("match", "fullmatch") else "search"}
            if method == "compile":
                line = re.escape(ast.get_source_segment(source, node.args[0]).partition("\n")[0])
                name = re.search(rf"(\w+) = re\.compile\(\s*{line}", source)
                uses = _uses(source).get(name and name[1]) or _ALL
            found[f"{path.relative_to(ADDON)}:{node.lineno}"] = pattern, uses
    return found


PATTERNS = _compiled()
_known = {pattern for pattern, _uses_of in PATTERNS.values()}
PATTERNS |= {place: found for place, found in _written().items() if found[0] not in _known}


# -- texts that are hard for an expression -----------------------------------------------------------


def _fits(items, letter):
    """Whether a letter is in a set of an expression."""
    negated = items[0][0] is sre.NEGATE
    found = False
    for kind, value in items[negated:]:
        if kind is sre.LITERAL:
            found |= ord(letter) == value
        elif kind is sre.RANGE:
            found |= value[0] <= ord(letter) <= value[1]
        elif kind is sre.CATEGORY:
            found |= bool(_CATEGORIES[value].fullmatch(letter))
    return found != negated


_CATEGORIES = {
    sre.CATEGORY_DIGIT: re.compile(r"\d"), sre.CATEGORY_NOT_DIGIT: re.compile(r"\D"),
    sre.CATEGORY_SPACE: re.compile(r"\s"), sre.CATEGORY_NOT_SPACE: re.compile(r"\S"),
    sre.CATEGORY_WORD: re.compile(r"\w"), sre.CATEGORY_NOT_WORD: re.compile(r"\W"),
}  # fmt: skip


def _samples(tree, limit=4):
    """Some texts that a part of an expression matches."""
    texts = [""]
    for kind, value in tree:
        choices = list(islice(_choices(kind, value), limit)) or [""]
        texts = [text + choice for text in texts for choice in choices][:limit]
    return texts


def _choices(kind, value):
    if kind is sre.LITERAL:
        yield chr(value)
    elif kind is sre.NOT_LITERAL:
        yield from (letter for letter in _LETTERS if ord(letter) != value)
    elif kind is sre.ANY:
        yield "a"
    elif kind is sre.IN:
        yield from (letter for letter in _LETTERS if _fits(value, letter))
        yield from (chr(each[1] if each[0] is sre.LITERAL else each[1][0])
                    for each in value if each[0] in (sre.LITERAL, sre.RANGE))  # fmt: skip
    elif kind is sre.BRANCH:
        for branch in value[1]:
            yield from _samples(branch, 2)
    elif kind is sre.SUBPATTERN:
        yield from _samples(value[-1])
    elif kind in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
        for sample in _samples(value[2], 2):
            yield sample * max(value[0], 1)
        if not value[0]:
            yield ""
    elif kind is sre.ATOMIC_GROUP:
        yield from _samples(value)


def _pumps(tree, before=("",)):
    """What each endless repetition repeats: pairs of a text before it and a text."""
    for kind, value in tree:
        if kind in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
            if value[1] > 500:
                for sample in _samples(value[2]):
                    if sample:
                        yield before[0], sample
            yield from _pumps(value[2], before)
        elif kind is sre.BRANCH:
            for branch in value[1]:
                yield from _pumps(branch, before)
        elif kind is sre.SUBPATTERN:
            yield from _pumps(value[-1], before)
        elif kind in (sre.ASSERT, sre.ASSERT_NOT):
            yield from _pumps(value[1], before)
        elif kind is sre.ATOMIC_GROUP:
            yield from _pumps(value, before)
        before = tuple(text + choice for text in before for choice in _samples([(kind, value)], 1))


def _attacks(pattern):
    """Functions of a size that make a text of about that size."""
    for before, pump in dict.fromkeys(_pumps(parser.parse(pattern.pattern, pattern.flags))):
        for end in ("\x01", "a\x01"):
            yield lambda size, b=before, p=pump, e=end: b + p * (size // len(p)) + e
        if before:
            unit = before + pump
            yield lambda size, u=unit: u * (size // len(u)) + "\x01"


def _seconds(pattern, uses, text):
    if isinstance(pattern.pattern, bytes):
        text = text.encode("latin-1", "replace")
    begin = time.process_time()
    for _match in pattern.finditer(text) if "search" in uses else ():
        pass
    for use in uses - {"search"}:
        getattr(pattern, use)(text)
    return time.process_time() - begin


def _is_slow(pattern, uses, attack):
    short = longer = float("inf")
    for _attempt in range(3):
        # Others can only make it slower: the fastest of several times is the truest.
        longer = min(longer, _seconds(pattern, uses, attack(8 * SHORT)))
        if longer < NOISE:
            return False
        short = min(short, _seconds(pattern, uses, attack(SHORT)))
        if longer < MOST * max(short, NOISE / 8):
            return False
    return True


@pytest.mark.parametrize("name", PATTERNS)
def test_it_does_not_backtrack(name):
    pattern, uses = PATTERNS[name]
    for attack in _attacks(pattern):
        hard = f"{pattern.pattern!r}: {attack(60)!r}"
        assert _seconds(pattern, uses, attack(28)) < 1, f"for ever: {hard}"
        assert not _is_slow(pattern, uses, attack), hard
