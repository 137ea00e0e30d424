from odoo import SUPERUSER_ID, api, models


class IrCron(models.Model):
    """*Run Manually* on the job that scans: a round begins, whenever the next one is planned."""

    _inherit = "ir.cron"

    @classmethod
    def _acquire_one_job(cls, cr, job_id, *, include_not_ready=False):
        job = super()._acquire_one_job(cr, job_id, include_not_ready=include_not_ready)
        # The scheduler takes only jobs that are ready; this one is about to be run by hand.
        if job and include_not_ready:
            env = api.Environment(cr, SUPERUSER_ID, {})
            fetch = env.ref("crm_member_mail.ir_cron_fetch", raise_if_not_found=False)
            if fetch and fetch.id == job_id:
                env["member.mail.account"]._begin_round()
        return job
