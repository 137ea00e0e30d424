"""What the engine says to people, marked so that it can be said in their language."""


def _lt(text):
    """``text`` as it is, in English; whoever shows it translates it.

    It has the name of Odoo's own lazy translation (odoo/tools/translate.py), by which Odoo's export
    finds the texts.
    """
    return text
