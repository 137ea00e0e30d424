"""The order in which the slices of a model are imported doesn't matter."""

import pytest

import odoo
from odoo.modules.registry import Registry

from ..slices import ADDON, shuffled

#: The attributes of fields that are compared.
FIELD = ("type", "string", "help", "store", "compute", "inverse", "related", "required", "groups")

#: What Python notes of each class; in 3.13 and later, more than before.
OF_PYTHON = {"__module__", "__doc__", "__slots__", "__static_attributes__", "__firstlineno__"}
#: What Odoo and Python note of each class.
OF_EVERY_CLASS = OF_PYTHON | {
    "_name", "_inherit", "_module", "_register", "_field_definitions", "_table_object_definitions",
}  # fmt: skip


def made_of(registry):
    """What the addon's models are, once put together: dict of (model, name) to where a method comes
    from, or how a field is defined, and of model to its parents that are not slices of it."""
    result = {}
    for model in registry.models.values():
        ours = [each for each in model.mro() if each.__module__.startswith(f"odoo.addons.{ADDON}.")]
        if not ours:
            continue
        result[model._name] = [each.__name__ for each in model.mro() if each not in ours]
        for name in {name for each in ours for name in vars(each)} - OF_PYTHON:
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
    yield lambda: Registry.new(scratch_db)
    Registry.new(scratch_db)


def test_the_order_of_slices_makes_no_difference(put_together):
    usual = made_of(put_together())
    assert len(usual) > 1000
    for seed in range(3):
        with shuffled(seed):
            assert made_of(put_together()) == usual


def test_one_definition_of_everything(put_together):
    """In the models as they are once Odoo has loaded them, whatever way a definition came in."""
    twice, registry = {}, put_together()
    for model in registry.models.values():
        # What every model has is a model of its own.
        of_base = registry["base"].mro() if model._name != "base" else ()
        ours = [
            each
            for each in model.mro()
            if each.__module__.startswith(f"odoo.addons.{ADDON}.") and each not in of_base
        ]
        places = {}
        for each in ours:
            for name in vars(each):
                places.setdefault(name, []).append(each.__module__)
        for name, found in places.items():
            if len(found) > 1 and name not in OF_EVERY_CLASS:
                twice[model._name, name] = found
    assert not twice
