from odoo import SUPERUSER_ID, api


def migrate(cr, _version):
    """Of jobs that are due at the same time, emails that people wait for leave first. The data of jobs
    is written once, when the addon is installed."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    if job := env.ref("crm_member_mail.ir_cron_send", raise_if_not_found=False):
        job.priority = 1
