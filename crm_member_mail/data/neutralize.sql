-- a copy of the database uses no mailbox until an administrator says that it is the original
INSERT INTO member_mail_home (is_copy, salt) VALUES (true, gen_random_uuid()) ON CONFLICT DO NOTHING;
UPDATE member_mail_home SET is_copy = true, token = NULL;

-- nor then, until somebody enters a password again, since the server of the copy may have the key
UPDATE member_mail_account
   SET active = false,
       imap_secret = NULL,
       smtp_secret = NULL,
       google_gmail_refresh_sealed = NULL,
       google_gmail_access_sealed = NULL,
       microsoft_outlook_refresh_sealed = NULL,
       microsoft_outlook_access_sealed = NULL,
       sending_resumes = NULL,
       notify = false,
       notify_activity = false,
       deletion_policy = 'keep',
       delete_on_server = false;

-- what users deleted in the original is deleted from the mailbox by the original
DELETE FROM member_mail_removal;

-- what waits to be announced or sent is announced and sent by the original
DELETE FROM member_mail_notice;
DELETE FROM member_mail_hook;
UPDATE member_mail_message
   SET state = 'failed',
       scheduled_date = NULL,
       failure_reason = 'The email was not sent, because this is a neutralized copy of the database.',
       failure_details = NULL
 WHERE state IN ('outgoing', 'sending');
UPDATE mail_mail
   SET state = CASE WHEN state = 'outgoing' THEN 'exception' ELSE state END,
       member_mail_copy_due = false
 WHERE member_mail_message_id IS NOT NULL;
