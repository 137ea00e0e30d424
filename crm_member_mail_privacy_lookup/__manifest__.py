{
    "name": "Contact Messages: Privacy Lookup",
    "summary": "Find a person's emails with Odoo's privacy lookup, and erase them with a proof",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "author": "CRM Member Mail contributors",
    "license": "LGPL-3",
    "depends": ["crm_member_mail", "privacy_lookup"],
    "auto_install": True,
    "data": ["views/privacy_lookup_wizard_views.xml"],
    "assets": {
        "web.assets_tests": ["crm_member_mail_privacy_lookup/static/tests/tours/**/*"],
    },
}
