"""The slices of models, in another order than the one in which they are imported.

With ``MEMBER_MAIL_SLICES=7`` in the environment all tests run with the slices in the order number 7.
"""

import contextlib
import random

from odoo.modules.registry import Registry
from odoo.orm.models import MetaModel

ADDON = "crm_member_mail"


def shuffle(seed):
    """Give the slices of the addon's models another order; a model itself still comes before them.

    :param seed: of the random numbers
    :return: the former order, for :func:`restore`
    """
    definitions = MetaModel._module_to_models__[ADDON]
    before = list(definitions)
    made = [each for each in before if each._name not in each._inherit]
    slices = [each for each in before if each._name in each._inherit]
    random.Random(seed).shuffle(slices)
    definitions[:] = made + slices
    return before


def restore(before):
    """Take back what :func:`shuffle` did."""
    MetaModel._module_to_models__[ADDON][:] = before


@contextlib.contextmanager
def shuffled(seed):
    """The slices are in another order within this context."""
    before = shuffle(seed)
    try:
        yield
    finally:
        restore(before)


def shuffle_when_loaded(seed):
    """Shuffle for the rest of this process, as soon as the addon has been imported."""
    load = Registry.load

    def shuffle_and_load(registry, module):
        if module.name == ADDON:
            Registry.load = load
            shuffle(seed)
        return load(registry, module)

    Registry.load = shuffle_and_load
