from odoo.tools import split_every

from odoo.addons.crm_member_mail.mailbox.html.preview import preview

_BATCH = 1000


def migrate(cr, _version):
    """Have previews of emails from before begin with what the sender wrote, too."""
    cr.execute("SELECT id FROM member_mail_message WHERE body_text <> '' ORDER BY id")
    for ids in split_every(_BATCH, [row[0] for row in cr.fetchall()], list):
        cr.execute(
            "SELECT id, body_text, preview FROM member_mail_message WHERE id = ANY(%s)", (ids,)
        )
        found = [(id_, preview(text), before) for id_, text, before in cr.fetchall()]
        changed = {id_: now for id_, now, before in found if now != (before or "")}
        cr.execute(
            "UPDATE member_mail_message AS message SET preview = now.preview"
            " FROM unnest(%s::int[], %s::text[]) AS now(id, preview) WHERE message.id = now.id",
            (list(changed), list(changed.values())),
        )
