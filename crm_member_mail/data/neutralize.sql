-- a copy of the database reads no mailbox and sends no email
UPDATE member_mail_account
   SET active = false;
