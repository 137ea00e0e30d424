import json
import re

#: What 19.0.1.1.0 says, in any language, below each notification: that an answer reaches the sender, but
#: not whether it is filed.
_FORMER = re.compile(
    r'<p style="margin: 12px 0 0 0; color: #888; font-size: 12px;">([^<]*)</p>', re.DOTALL
)
_NOW = (
    """<p t-if="ctx.get('member_mail_answer')" style="margin: 12px 0 0 0; color: #888;"""
    """ font-size: 12px;" t-out="ctx.get('member_mail_answer')">%s</p>"""
)
#: What the editor of templates shows in its place.
_SAMPLE = "If you answer this notification, your answer goes to the sender of the email."


def migrate(cr, _version):
    """Notifications say what becomes of an answer, and the entry in menus of actions says how it differs
    from Odoo's own. Odoo writes texts of templates once, when the addon is installed."""
    cr.execute(
        "SELECT template.id, template.body_html FROM mail_template AS template"
        " JOIN ir_model_data AS data ON data.res_id = template.id AND data.model = 'mail.template'"
        " WHERE data.module = 'crm_member_mail' AND data.name = 'mail_template_new_message'"
    )
    for id_, bodies in cr.fetchall():
        new = {
            lang: _FORMER.sub(
                lambda found, lang=lang: _NOW % (_SAMPLE if lang == "en_US" else found[1].strip()),
                body or "",
            )
            for lang, body in (bodies or {}).items()
        }
        cr.execute("UPDATE mail_template SET body_html = %s WHERE id = %s", [json.dumps(new), id_])
    # Without the former translations: Odoo loads those of the new text where there is none.
    cr.execute(
        "UPDATE ir_act_server SET name = jsonb_build_object('en_US', name -> 'en_US')"
        " WHERE id IN (SELECT res_id FROM ir_model_data WHERE module = 'crm_member_mail'"
        " AND name IN ('action_write_email_partner', 'action_write_email_lead'))"
    )
