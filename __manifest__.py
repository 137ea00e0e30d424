# What this repository is, for people and programs that look here. The addon is the folder
# crm_member_mail: name this folder, not the one above it, in Odoo's addons_path.
# Where the whole repository is in a folder of addons, Odoo takes it for the addon. Then it refuses
# with the sentence below: by the first one to install or upgrade it, by the second to run without it.
{
    "name": "Contact Messages",
    "summary": "Your team's emails with each contact, in a tab on the contact",
    "version": "19.0.1.2.0",
    "category": "Sales/CRM",
    "author": "CRM Member Mail contributors",
    "license": "LGPL-3",
    "application": True,
    "depends": [
        "base_import",
        "contacts",
        "crm",
        "google_gmail",
        "mail",
        "microsoft_outlook",
    ],
    "external_dependencies": {
        "bin": [
            "this is the whole repository, the addon is a folder in it."
            " Move it out of your folder of addons, and add its new place to addons_path."
        ]
    },
    "post_load": (
        "this is the whole repository, the addon is a folder in it."
        " Move it out of your folder of addons, and add its new place to addons_path."
    ),
}
