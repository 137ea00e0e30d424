"""Names and addresses reduced to what is needed to recognise them, as in Odoo's `privacy.log`."""

#: Domains that reveal nothing about the person.
_OF_EVERYBODY = ("gmail.com", "hotmail.com", "outlook.com", "yahoo.com")


def of_name(name):
    """The first letter of each word, and a star for each of the others."""
    return " ".join(map(_stars, (name or "").split()))


def of_address(address):
    """The same for each part of an email address between dots; the top-level domain stays."""
    local, _at, domain = (address or "").rpartition("@")
    *labels, top = domain.split(".")
    if domain not in _OF_EVERYBODY:
        domain = ".".join([*map(_stars, labels), top])
    return f"{'.'.join(map(_stars, local.split('.')))}@{domain}"


def _stars(word):
    return word[:1] + "*" * (len(word) - 1)
