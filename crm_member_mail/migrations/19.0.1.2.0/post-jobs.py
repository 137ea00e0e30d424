from odoo import SUPERUSER_ID, api
from odoo.tools import convert_file

#: What customers decide.
KEPT = ("active", "interval_number", "interval_type", "nextcall", "user_id")


def migrate(cr, _version):
    """Names and priorities of jobs as they are now: of jobs that are due at the same time, emails that
    people wait for leave first. Odoo writes the data of jobs once, when the addon is installed."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    data = env["ir.model.data"].search(
        [("module", "=", "crm_member_mail"), ("model", "=", "ir.cron")]
    )
    jobs = env["ir.cron"].with_context(active_test=False).browse(data.mapped("res_id")).exists()
    kept = {job: job.read(KEPT, load=None)[0] for job in jobs}
    names = {job: job.name for job in jobs}
    convert_file(env, "crm_member_mail", "data/ir_cron_data.xml", {}, "init")
    for job, values in kept.items():
        job.write({name: values[name] for name in KEPT})
    renamed = jobs.filtered(lambda job: job.name != names[job])
    # Translations of the former names: Odoo loads those of the new ones where there is none.
    env.flush_all()
    cr.execute(
        "UPDATE ir_act_server SET name = jsonb_build_object('en_US', name -> 'en_US')"
        " WHERE id = ANY(%s)",
        [renamed.ir_actions_server_id.ids],
    )
    env.invalidate_all()
