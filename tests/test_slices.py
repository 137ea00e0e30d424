"""The order in which the slices of a model are imported doesn't matter."""

import pytest

import odoo
from odoo.modules.registry import Registry

from .slices import ADDON, shuffled

#: The attributes of fields that are compared.
FIELD = ("type", "string", "help", "store", "compute", "inverse", "related", "required", "groups")


def made_of(registry):
    """What the addon's models are, once put together: dict of (model, name) to where a method comes
    from, or how a field is defined, and of model to its parents that are not slices of it."""
    result = {}
    for model in registry.models.values():
        ours = [each for each in model.mro() if each.__module__.startswith(f"odoo.addons.{ADDON}.")]
        if not ours:
            continue
        result[model._name] = [each.__name__ for each in model.mro() if each not in ours]
        for name in {name for each in ours for name in vars(each)} - {"__module__", "__doc__"}:
            value = model._fields.get(name) or getattr(model, name)
            if name in model._fields:
                value = [getattr(value, each) for each in FIELD]
            elif callable(value):
                value = value.__module__, value.__qualname__
            result[model._name, name] = repr(value)
    return result


@pytest.fixture
def put_together(scratch_db, monkeypatch):
    # Else a registry runs Odoo's own tests as it loads.
    monkeypatch.setitem(odoo.tools.config.options, "test_enable", False)
    yield lambda: made_of(Registry.new(scratch_db))
    Registry.new(scratch_db)


def test_the_order_of_slices_makes_no_difference(put_together):
    usual = put_together()
    assert len(usual) > 1000
    for seed in range(3):
        with shuffled(seed):
            assert put_together() == usual
