"""Numbers, sizes and moments as the user's language writes them, the same as on the screens."""

from odoo.tools import format_datetime, posix_to_ldml
from odoo.tools.misc import babel_locale_parse, formatLang, get_lang


def format_moment(env, moment):
    """Date and time in the user's time zone, in the format of their language, without seconds.

    :param moment: datetime in UTC
    """
    lang = get_lang(env)
    formats = (lang.date_format, _without_seconds(lang.time_format))
    locale = babel_locale_parse(lang.code)
    pattern = " ".join(posix_to_ldml(one, locale=locale) for one in formats)
    return format_datetime(env, moment, dt_format=pattern)


def format_count(env, number):
    """`12345` as 12,345."""
    return formatLang(env, number, digits=0)


def format_megabytes(env, size):
    """`1200000` bytes as 1.2 MB."""
    return f"{formatLang(env, size / 1_000_000, digits=1)} MB"


def _without_seconds(time_format):
    """`%I:%M:%S %p` as `%I:%M %p`."""
    before, seconds, after = time_format.partition("%S")
    return before.rstrip(":. ") + after if seconds else time_format
