{
    "name": "Contact Messages: Job Queue",
    "summary": "Scan each mailbox in a job of OCA's queue_job",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "author": "CRM Member Mail contributors",
    "license": "LGPL-3",
    "depends": ["crm_member_mail", "queue_job"],
    "auto_install": True,
    "data": [
        "data/queue_job_channel_data.xml",
        "data/queue_job_function_data.xml",
    ],
    "uninstall_hook": "uninstall_hook",
}
