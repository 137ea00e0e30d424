"""What a rule of ``explained.py`` is made of, and the few things that several of them ask."""

from collections.abc import Callable
from dataclasses import dataclass

from .extracts import text_of_html, words, words_of_html


@dataclass(frozen=True, slots=True)
class Rule:
    """``explains`` takes an item of a Difference and its Case, and says whether the item is missing in
    ours with good reason. ``kinds`` are those of the Differences it is asked for."""

    name: str
    kinds: tuple[str, ...]
    why: str
    explains: Callable


RULES = []


def rule(*kinds):
    """Makes a Rule of a function, whose docstring is the sentence."""

    def add(function):
        RULES.append(Rule(function.__name__, kinds, " ".join(function.__doc__.split()), function))
        return function

    return add


def names(extract):
    return "\n".join(name for name, _address in extract.people)


def all_of(extract):
    text = text_of_html(extract.html)
    return "\n".join((extract.subject, names(extract), extract.text, text))


def is_gone(word, theirs, is_kept):
    """Whether a word of a text is not in those of its parts, between blanks, that are kept."""
    return word not in words(" ".join(filter(is_kept, theirs.split())))


def shown(case):
    return words(case.ours.text) | words_of_html(case.ours.html)


def words_of(kind, text):
    return words_of_html(text) if kind == "text/html" else words(text)
