"""Whether somebody slipped when they typed a provider's domain: ``gmial.com``, ``gmail.con``."""

#: Labels (what is before the first dot) of at least so many letters are known from their letters alone;
#: of a shorter one, a letter more or less is often somebody else's name.
_LONG = 5

#: Names that are known all over the world: with another ending, nobody else is meant.
_FAMOUS = frozenset(("gmail", "googlemail", "hotmail", "icloud", "outlook", "protonmail", "yahoo"))

#: Domains of other providers, one slip away from those that are known.
_GENUINE = frozenset(
    (
        "cloud.com", "email.com", "mail.com", "mail.de", "mail.net", "mailbox.com", "yahoo.cn",
        "yahoo.co.jp", "yahoo.com.cn",
    )
)  # fmt: skip


def did_you_mean(domain, known):
    """The known domain that somebody probably meant.

    It differs by one slip in the name, one in the ending, or one in both: two letters swapped, one
    missing, one too many, another one. A famous name may have any other ending, and both may lack the
    dot or the ending.

    :param str domain: as it was typed, in lower case
    :param known: the domains of providers, those that are preferred first
    :return: one of ``known``; '' when ``domain`` is one of them, or is like none of them
    """
    known = dict.fromkeys(known)
    if domain in known or domain in _GENUINE:
        return ""
    costs = {one: cost for one in known if (cost := _cost(domain, one))}
    return min(costs, key=costs.get, default="")


def _cost(typed, meant):
    """How far a domain is from another: the lower, the nearer; None: they have nothing to do with each
    other."""
    label, _dot, ending = typed.partition(".")
    meant_label, _dot, meant_ending = meant.partition(".")
    if not ending:
        # "gmailcom", "gmail"
        return 1 if label in (meant.replace(".", ""), meant_label) else None
    is_long, is_famous = len(meant_label) >= _LONG, meant_label in _FAMOUS
    if label in _FAMOUS and label != meant_label:
        return None
    slip, slip_at_end = _slip(label, meant_label), _slip(ending, meant_ending)
    if slip == "same" and is_famous and slip_at_end is None:
        return 3
    if slip is None or slip_at_end is None:
        return None
    if slip not in ("same", "swapped") and not is_long:
        return None
    if len(meant_label) < 3 and slip != "same":
        return None
    if slip_at_end == "other" and len(meant_ending) < 3:
        # Another country.
        return 3 if slip == "same" and is_famous else None
    return (slip != "same") + (slip_at_end != "same")


def _slip(typed, meant):
    """The one slip that makes a word of another: same, swapped, missing, extra or other; None if one is
    not enough."""
    if typed == meant:
        return "same"
    begin = 0
    while begin < min(len(typed), len(meant)) and typed[begin] == meant[begin]:
        begin += 1
    typed, meant = typed[begin:], meant[begin:]
    while typed and meant and typed[-1] == meant[-1]:
        typed, meant = typed[:-1], meant[:-1]
    if len(typed) == 2 and typed == meant[::-1]:
        return "swapped"
    return {(0, 1): "missing", (1, 0): "extra", (1, 1): "other"}.get((len(typed), len(meant)))
