"""Numbers that somebody sent us."""

#: The largest number that a database column of 4 bytes holds, and the largest one in IMAP (RFC 9051
#: section 4.2).
INT_32, UINT_32 = 2**31 - 1, 2**32 - 1


def number(value, most=UINT_32, least=0):
    """``value`` as a whole number from ``least`` to ``most``; None for anything else.

    Python is more generous than any protocol: it takes ``²`` for a digit, ``1_000`` and ``+5`` for
    numbers, and spends quadratic time on thousands of digits, or refuses them.

    :param value: what a server sent: an int, or ASCII digits as str or bytes
    """
    if isinstance(value, bytes | str):
        if not (value.isascii() and value.isdigit() and len(value) <= 20):
            return None
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if least <= value <= most else None
