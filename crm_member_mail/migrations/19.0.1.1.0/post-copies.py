from odoo import SUPERUSER_ID, api


def migrate(cr, _version):
    """Bcc, and where emails are filed because of it, belong to the mailbox whose copy has it: the one
    with the email among sent mail or, where that is not known, the first one."""
    cr.execute(
        """
        UPDATE member_mail_participant AS p
           SET account_id = COALESCE(
               (SELECT folder.account_id FROM member_mail_location AS place
                  JOIN member_mail_folder AS folder ON folder.id = place.folder_id
                 WHERE place.message_id = p.message_id
              ORDER BY folder.role = 'sent' DESC, place.id LIMIT 1),
               (SELECT min(held.account_id) FROM member_mail_account_message_rel AS held
                 WHERE held.message_id = p.message_id))
         WHERE p.role IN ('bcc', 'resent') AND p.account_id IS NULL
     RETURNING p.message_id
        """
    )
    ids = sorted({message_id for (message_id,) in cr.fetchall()})
    cr.execute(
        """
        INSERT INTO member_mail_copy_filing (message_id, account_id, partner_id)
        SELECT DISTINCT p.message_id, p.account_id, p.partner_id
          FROM member_mail_participant AS p
          JOIN member_mail_message_partner_rel AS filed
            ON filed.message_id = p.message_id AND filed.partner_id = p.partner_id
         WHERE p.account_id IS NOT NULL
           AND NOT EXISTS (SELECT FROM member_mail_participant AS told
                            WHERE told.message_id = p.message_id AND told.account_id IS NULL
                              AND told.partner_id = p.partner_id AND told.party <> 'none')
           AND NOT EXISTS (SELECT FROM member_mail_filing AS filing
                            WHERE filing.message_id = p.message_id
                              AND filing.partner_id = p.partner_id)
            ON CONFLICT DO NOTHING
        """
    )
    cr.execute(
        """
        INSERT INTO member_mail_copy_filing (message_id, account_id, lead_id)
        SELECT DISTINCT p.message_id, p.account_id, filed.lead_id
          FROM member_mail_participant AS p
          JOIN member_mail_message_lead_rel AS filed ON filed.message_id = p.message_id
          JOIN crm_lead AS lead ON lead.id = filed.lead_id AND lead.email_normalized = p.email
         WHERE p.account_id IS NOT NULL
           AND NOT EXISTS (SELECT FROM member_mail_participant AS told
                            WHERE told.message_id = p.message_id AND told.account_id IS NULL
                              AND told.email = p.email AND told.party <> 'none')
           AND NOT EXISTS (SELECT FROM member_mail_filing AS filing
                            WHERE filing.message_id = p.message_id
                              AND filing.lead_id = filed.lead_id)
            ON CONFLICT DO NOTHING
        """
    )
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["member.mail.search"]._index(ids)
    messages = env["member.mail.message"].with_context(active_test=False).browse(ids)
    messages._tell_of_all_copies()
    env["member.mail.last.date"]._refresh(messages.partner_ids.ids)
