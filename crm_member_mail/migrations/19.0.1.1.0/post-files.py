def migrate(cr, _version):
    """Mark the files that came by email, and the copies that users made of them."""
    cr.execute(
        """
        UPDATE ir_attachment SET member_mail_received = TRUE
         WHERE res_model IN ('member.mail.message', 'member.mail.failure')
        """
    )
    cr.execute(
        """
        UPDATE ir_attachment SET member_mail_received = TRUE
         WHERE member_mail_received IS NOT TRUE AND public IS NOT TRUE AND url IS NULL
           AND create_uid <> 1 AND file_size > 0 AND checksum IN
               (SELECT checksum FROM ir_attachment WHERE member_mail_received IS TRUE)
        """
    )
