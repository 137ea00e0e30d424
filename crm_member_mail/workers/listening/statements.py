"""The SQL of a listener: a program that has no records. All times are in UTC, as Odoo stores them."""

from ...mailbox.errors import CODES

#: Codes of errors by which a server says that we ask too much of it.
THROTTLING = [code for code, case in CODES.items() if case.kind == "throttle"]

#: The accounts that are listened for: in use, set up, and read without trouble or with some that may
#: pass (but those whose server wants us to slow down), in these shards.
READABLE = """
    SELECT id FROM member_mail_account
     WHERE active AND stopped IS NOT TRUE AND setting_up IS NOT TRUE
       AND (state = 'connected' OR state = 'error' AND COALESCE(error_code, '') != ALL(%(throttling)s))
       AND id %% %(shards)s = ANY(%(ours)s)
"""

#: Whether the database is at home in the place that has this token, as `member.mail.home` says; without
#: accounts there is no row.
AT_HOME = """
    SELECT COALESCE((SELECT is_copy IS NOT TRUE AND token <> '' AND token = %(token)s
                       FROM member_mail_home), FALSE)
        OR NOT EXISTS (SELECT FROM member_mail_home)
"""

#: Have accounts scanned at once, as `member.mail.account._scan_soon` does; not those in trouble, which
#: have their pauses.
WAKE = """
    UPDATE member_mail_account SET next_sync = NULL
     WHERE id = ANY(%(ids)s) AND next_sync IS NOT NULL
       AND active AND state = 'connected' AND stopped IS NOT TRUE
"""

#: Have those of these accounts scanned at once that are in trouble which may have passed: which ones.
REVIVE = """
    UPDATE member_mail_account SET next_sync = NULL
     WHERE id = ANY(%(ids)s) AND next_sync IS NOT NULL
       AND active AND state = 'error' AND stopped IS NOT TRUE
       AND COALESCE(error_code, '') != ALL(%(throttling)s)
 RETURNING id
"""

#: Have a job of this addon run, as `ir.cron._trigger` does. A trigger that is locked is no reason not
#: to: the job is running, has deleted it, and commits that at its end.
TRIGGER = """
    INSERT INTO ir_cron_trigger (cron_id, call_at)
    SELECT job.id, date_trunc('second', now() AT TIME ZONE 'UTC')
      FROM ir_model_data name JOIN ir_cron job ON job.id = name.res_id
     WHERE name.module = 'crm_member_mail' AND name.name = %(job)s AND job.active
       AND NOT EXISTS (SELECT FROM ir_cron_trigger t
                        WHERE t.cron_id = job.id AND t.call_at <= now() AT TIME ZONE 'UTC'
                          FOR KEY SHARE SKIP LOCKED)
"""

#: Whether one of these jobs should have begun in the last minute. Odoo's workers look once a minute,
#: and at once when they are told, but nobody tells them when a moment has come that was planned.
OVERDUE = """
    SELECT EXISTS (
        SELECT FROM ir_model_data name
          JOIN ir_cron_trigger t ON t.cron_id = name.res_id
         WHERE name.module = 'crm_member_mail' AND name.name = ANY(%(jobs)s)
           AND t.call_at <= now() AT TIME ZONE 'UTC'
           AND t.call_at > now() AT TIME ZONE 'UTC' - interval '70 seconds')
"""

#: Note how new mail is noticed: lists of ids, moments, reasons and seconds.
NOTE = """
    INSERT INTO member_mail_listening (account_id, since, reason, seconds)
    SELECT told.* FROM unnest(%(ids)s::int[], %(since)s::timestamp[], %(reasons)s::varchar[],
                              %(seconds)s::int[]) AS told (id, since, reason, seconds)
      JOIN member_mail_account account ON account.id = told.id
        ON CONFLICT (account_id) DO UPDATE
       SET since = EXCLUDED.since, reason = EXCLUDED.reason, seconds = EXCLUDED.seconds
"""

#: Forget what another listener noted of these shards before it died.
FORGET = "DELETE FROM member_mail_listening WHERE account_id %% %(shards)s = ANY(%(ours)s)"

#: Forget what was noted of one account that is not, or no longer, to be watched.
UNNOTE = "DELETE FROM member_mail_listening WHERE account_id = %(id)s"
