{
    "name": "Contact Messages",
    "summary": "The email your team exchanges with its contacts, under each contact",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "author": "CRM Member Mail contributors",
    "license": "LGPL-3",
    "application": True,
    "depends": ["crm", "contacts", "mail"],
    "external_dependencies": {"python": ["imapclient"]},
    "data": [
        "security/member_mail_security.xml",
        "security/ir.model.access.csv",
        "data/member_mail_provider_data.xml",
        "data/ir_cron_data.xml",
        "views/member_mail_failure_views.xml",
        "views/member_mail_provider_views.xml",
        "views/member_mail_exclusion_views.xml",
        "views/member_mail_trace_views.xml",
        "views/member_mail_account_views.xml",
        "views/member_mail_message_views.xml",
        "views/member_mail_message_report_views.xml",
        "views/res_partner_views.xml",
        "views/res_partner_list_views.xml",
        "views/crm_lead_views.xml",
        "views/member_mail_menus.xml",
    ],
    "assets": {
        "web.assets_backend": [
            "crm_member_mail/static/src/**/*",
        ],
        "web.assets_tests": [
            "crm_member_mail/static/tests/tours/**/*",
        ],
        "web.assets_unit_tests": [
            "crm_member_mail/static/tests/**/*.test.js",
        ],
    },
}
