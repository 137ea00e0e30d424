"""A change of the schema comes with a new version: without one, no migration runs."""

import ast

from dev.upgrade import schema
from dev.upgrade.schema import ROOT, SCHEMA, changes, versions

ADVICE = {
    False: "The schema of the database has changed, so databases need an upgrade. Raise the version in "
    "__manifest__.py, write migrations/VERSION/ if data has to be changed, and run "
    ".dev/venv/bin/python dev/upgrade/schema.py (with --again, if this version is no release yet).",
    True: "The version has changed. Run .dev/venv/bin/python dev/upgrade/schema.py.",
}


def test_schema_and_version_are_in_step():
    stored, found = SCHEMA.read_text().splitlines(), schema.schema()
    advice = ADVICE[versions(found) != versions(stored)]
    assert found == stored, "\n".join([advice, *changes(stored, found)])


def test_no_migration_is_of_a_later_version():
    """Odoo would run it with none of the upgrades until then."""
    for manifest in ROOT.glob("crm_member_mail*/__manifest__.py"):
        version = _numbers(ast.literal_eval(manifest.read_text())["version"])
        for folder in (manifest.parent / "migrations").glob("[0-9]*"):
            assert _numbers(folder.name) <= version, folder


def _numbers(version):
    return [int(number) for number in version.split(".")]


def test_what_is_part_of_the_schema(tmp_path):
    addon = tmp_path / "crm_member_mail"
    (addon / "models").mkdir(parents=True)
    (addon / "data").mkdir()
    (addon / "__manifest__.py").write_text('{"version": "19.0.1.0.0"}')
    (addon / "models/thing.py").write_text(
        """
class Thing(models.Model):
    _name = "thing"
    text = fields.Char("Label", required=True, help="Not stored")
    shown = fields.Char(compute="_compute_shown")
    kept = fields.Char(compute="_compute_kept", store=True)
    partner_id = fields.Many2one("res.partner", "A Label", index="btree_not_null")
    line_ids = fields.One2many("line", "thing_id")
    packed = PackedText()
    sealed = _sealed()
    _given = frozenset("ab")
    _unique = models.Constraint("UNIQUE (text)", "There is one.")

class Wizard(models.TransientModel):
    _name = "wizard"
    text = fields.Char()
"""
    )
    (addon / "data/jobs.xml").write_text(
        '<odoo><data noupdate="1"><record id="job" model="ir.cron"/></data><record id="view"/></odoo>'
    )
    version, job, *lines = schema.schema(tmp_path)
    assert version == "# crm_member_mail 19.0.1.0.0"
    assert job.startswith("job (ir.cron): ")
    assert lines == [
        "thing _unique: Constraint 'UNIQUE (text)'",
        "thing kept: Char compute='_compute_kept'",
        "thing packed: PackedText",
        "thing partner_id: Many2one 'res.partner' index='btree_not_null'",
        "thing sealed: _sealed",
        "thing text: Char required=True",
    ]
