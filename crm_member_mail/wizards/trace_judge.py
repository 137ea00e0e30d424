"""Says what became of emails that were found on a server. It decides nothing itself: whose an email is,
it asks where the scan asks."""

from functools import cached_property

from odoo import fields
from odoo.tools import format_date, groupby

from ..mailbox.mime.people.address_typed import plain
from ..models.account.connection import NEVER_READ
from ..models.filing.member_mail_filer import naive
from ..models.matching.account_matching import REPORTED_WITHIN
from ..models.matching.member_mail_lookup import EVERYBODY
from ..tools import notification_id
from ..tools.formats import format_moment
from .trace_reasons import TraceReasons, listed, names_of, readable

#: Verdicts about which something can be done in the mailbox's settings.
SET_UP = ("failed", "excluded", "not_read", "too_old", "history", "missed")


class TraceJudge:
    """The verdicts on the emails of one mailbox.

    :param account: a `member.mail.account` of the superuser, in the environment of the user who asks
    :param Found found: what its server has
    """

    def __init__(self, account, found):
        self.account, self.found = account, found
        self.env = account.env
        # A folder that is gone may have had the name of another one.
        folders = account.with_context(active_test=False).folder_ids.sorted("missing", reverse=True)
        self._folders = {_key(folder.path): folder for folder in folders}
        self._rules = account._match_rules()
        self._may_mend = account._may_mend()
        self._reasons = TraceReasons(account, self._rules)
        self._decisions = {}
        lookups = self.env["member.mail.lookup"].search([("account_id", "=", account.id)])
        self._lookups = set(lookups.mapped("address"))

    def lines(self):
        """The values of a `member.mail.trace.line` for each Hit, as dicts."""
        hits = self.found.hits
        for path, there in groupby(hits, key=lambda hit: hit.path):
            self._decide(path, [hit.headers for hit in there])
        self._load()
        self._reasons.look_up(hits, [self._decision_of(hit) for hit in hits])
        return [self._line(hit) for hit in hits]

    # -- what is asked for all emails together ---------------------------------------------------

    def _decide(self, path, headers):
        decided = self.env["member.mail.filer"]._decide(headers, self._role_of(path), self._rules)
        for uid, decision in decided.items():
            self._decisions[path, uid] = decision

    def _role_of(self, path):
        folder = self._folder_at(path)
        return folder.role if folder else self.found.role_of(path)

    def _folder_at(self, path):
        return self._folders.get(_key(path), self.env["member.mail.folder"])

    def _decision_of(self, hit):
        return self._decisions[hit.path, hit.headers.uid]

    def _load(self):
        """The records of these emails: messages by header digest and by place, tombstones."""
        hits = self.found.hits
        domain = [
            ("company_id", "=", self.account.company_id.id),
            ("header_digest", "in", [hit.summary.header_digest for hit in hits]),
        ]
        self._messages = self._filed().search(domain).grouped("header_digest")
        stones = self.env["member.mail.tombstone"].search(domain)
        self._stones = {stone.header_digest: stone for stone in stones}
        places = self.env["member.mail.location"].search(
            [
                ("folder_id", "in", [folder.id for folder in self._folders.values()]),
                ("uid", "in", [hit.summary.uid for hit in hits]),
            ]
        )
        self._places = {
            (place.folder_id.id, place.uidvalidity, place.uid): place.message_id.with_env(
                self._filed().env
            )
            for place in places
        }

    def _filed(self):
        # Also what is filed under contacts, and in mailboxes, that were archived since.
        return self.env["member.mail.message"].with_context(active_test=False)

    # -- the verdict on one email ----------------------------------------------------------------

    def _line(self, hit):
        folder = self._folder_at(hit.path)
        vals = {
            "account_id": self.account.id,
            "subject": hit.subject,
            "date": naive(hit.summary.internal_date),
            "path": hit.path,
            "folder_id": folder.id,
        }
        decision = self._decision_of(hit)
        for verdict in (
            self._as_known, self._as_draft, self._as_unread, self._as_left_out, self._as_unmatched
        ):  # fmt: skip
            found = verdict(hit, folder, decision)
            if found:
                break
        else:
            found = self._as_missed(hit, folder)
        return vals | self._with_help(found)

    def _with_help(self, found):
        """The values of a verdict, with whom to ask where the user may not do what helps."""
        if found["verdict"] in SET_UP and not self._may_mend:
            found["explanation"] = f"{found['explanation']} {self._whom_to_ask}"
        return found

    @cached_property
    def _whom_to_ask(self):
        return self.account._whom_to_ask()

    def _as_known(self, hit, folder, decision):
        """The verdict on an email that Odoo has a record of, as a dict of values, or None."""
        message = self._message_of(hit, folder)
        if message and not message.trashed:
            return self._as_filed(message, decision)
        failure = folder.failure_ids.filtered(
            lambda f: f.uid == hit.summary.uid and f.uidvalidity == hit.uidvalidity
        )
        if failure:
            return {
                "verdict": "failed",
                "failure_id": readable(failure).id,
                "explanation": self._why_failed(failure),
            }
        stone = self._stones.get(hit.summary.header_digest)
        moment = message.trashed if message else stone and stone.create_date
        if moment:
            return {
                "verdict": "deleted",
                "explanation": self.env._(
                    "It was deleted in Odoo on %s and won't be filed again.",
                    format_date(self.env, moment),
                ),
            }
        return None

    def _message_of(self, hit, folder):
        """The `member.mail.message` that an email is filed as, if the user may know of it."""
        summary = hit.summary
        alike = self._messages.get(summary.header_digest, self._filed())
        placed = self._places.get((folder.id, hit.uidvalidity, summary.uid), self._filed())
        ids = {summary.message_id, summary.original_id} - {""}
        if placed in alike or placed.rfc_message_id in ids:
            return placed
        here = alike.filtered(lambda message: self.account in message.account_ids)
        seen = (here or alike).filtered("is_visible")
        return (seen or here)[:1]

    def _as_filed(self, message, decision):
        if not message.is_visible:
            words = self.env._("It is filed. You can't see the messages of this mailbox.")
            return {"verdict": "filed", "explanation": words}
        whose = names_of(message)
        words = [
            self.env._(
                "Filed under %(whose)s on %(date)s.",
                whose=listed(self.env, whose) or self.env._("nobody"),
                date=format_date(self.env, message.create_date),
            )
        ]
        if message.report_of_id.is_visible:
            words.append(self.env._("It is about your email “%s”.", message.report_of_id.subject))
        elif decision.answered and decision.answered.is_visible:
            words.append(self.env._("It answers your email “%s”.", decision.answered.subject))
        return {"verdict": "filed", "message_id": message.id, "explanation": " ".join(words)}

    def _why_failed(self, failure):
        if failure.state == "ignored":
            return self.env._("It couldn't be filed, and somebody chose to ignore it.")
        return self.env._(
            "%(error)s Tried %(attempts)s times.",
            # What a server said is below that, for others.
            error=(failure.error or self.env._("Odoo is reading it now.")).partition("\n")[0],
            attempts=failure.attempts,
        )

    def _as_draft(self, _hit, _folder, decision):
        if decision.why != "draft":
            return None
        words = self.env._(
            "It is a draft, and drafts are not mail. Once it is sent, Odoo files it."
        )
        return {"verdict": "draft", "explanation": words}

    def _as_unread(self, hit, folder, decision):
        """The verdict on an email in a folder that is not read, as a dict of values, or None."""
        if self.found.role_of(hit.path) in NEVER_READ or not folder:
            verdict, words = "never_read", self.env._(
                "Odoo never reads drafts, spam and trash. To have the email filed, move it to "
                "another folder, such as the inbox."
            )  # fmt: skip
        elif not folder.active:
            verdict, words = "not_read", self.env._("Odoo doesn't read this folder.")
        else:
            return None
        unmatched = self._as_unmatched(hit, folder, decision)
        if unmatched:
            words = f"{words} {unmatched['explanation']}"
        return {"verdict": verdict, "explanation": words}

    def _as_left_out(self, hit, folder, decision):
        """The verdict on an email that is kept out whoever is on it, as a dict of values, or None."""
        if notification_id.is_ours(self.env, hit.summary.message_id):
            words = self.env._("It is one of Odoo's own notifications. Those aren't filed.")
            return {"verdict": "ours", "explanation": words}
        filer = self.env["member.mail.filer"]
        if decision.is_match and filer._is_left_out(folder, hit.summary):
            words = self.env._(
                "It is automatic, such as a newsletter or an out-of-office reply, and this account "
                "skips automatic emails."
            )
            return {"verdict": "excluded", "explanation": words}
        return None

    def _as_unmatched(self, hit, folder, decision):
        """The verdict on an email that is filed under nobody, as a dict of values, or None."""
        if decision.is_match or decision.why == "draft":
            return None
        if decision.may_report:
            return self._as_report(hit, folder)
        found = self._reasons.why_unmatched(hit, decision)
        if found["verdict"] == "ours":
            found |= {"uid": hit.summary.uid, "uidvalidity": hit.uidvalidity}
        return found

    def _as_report(self, hit, folder):
        if self.account._has_sent_lately() and self._as_missed(hit, folder)["verdict"] != "missed":
            return None
        words = self.env._(
            "It is from a mail system, and about no email that you sent in the last %s days.",
            REPORTED_WITHIN.days,
        )
        return {"verdict": "stranger", "explanation": words}

    # -- what should be filed --------------------------------------------------------------------

    def _is_new(self, hit, folder):
        return (
            not folder.opened
            or folder.uidvalidity != hit.uidvalidity
            or hit.summary.uid > folder.last_uid
        )

    def _as_missed(self, hit, folder):
        """The verdict on an email that should be filed and isn't, as a dict of values."""
        account, arrived = self.account, naive(hit.summary.internal_date)
        kept, since = account._kept_since(), account._history_since()
        if kept and arrived and arrived <= kept:
            words = self.env._(
                "It arrived before %s, and Odoo keeps the emails of this mailbox for a limited time.",
                format_date(self.env, kept),
            )
            return {"verdict": "too_old", "explanation": words}
        if folder.missing:
            words = self.env._("The last scan couldn't open this folder. The next one tries again.")
            return {"verdict": "waiting", "explanation": words}
        if self._is_new(hit, folder):
            return {"verdict": "waiting", "explanation": self._when_read()}
        if since and arrived and arrived <= since:
            words = self.env._(
                "It arrived before %s, and Odoo doesn't read earlier emails of this account.",
                format_date(self.env, since),
            )
            return {"verdict": "too_old", "explanation": words}
        if hit.summary.uid <= folder.history_uid:
            words = (
                self.env._("Reading earlier email is paused.")
                if account.history_paused
                else self.env._("Odoo is still reading earlier email.")
            )
            return {"verdict": "history", "explanation": words}
        if self._is_asked_for(hit, folder):
            words = self.env._(
                "The next scan will file it: it looks for the earlier emails of new contacts."
            )
            return {"verdict": "waiting", "explanation": words}
        words = self.env._("It should be filed but isn't. Checking the mailbox will file it.")
        return {"verdict": "missed", "explanation": words}

    def _is_asked_for(self, hit, folder):
        """Whether a check or a search for earlier emails is still to come that finds an email."""
        parties = self._decision_of(hit).parties
        addresses = parties | set(map(plain, parties)) | {f"@{_domain_of(p)}" for p in parties}
        return folder._check_due() or not self._lookups.isdisjoint({EVERYBODY, *addresses})

    def _when_read(self):
        account, moment = self.account, self.account.next_sync
        if not account.active:
            return self.env._("It is new, but this account is archived, so nothing reads it.")
        if account.setting_up:
            return self.env._("Odoo reads it as soon as the set-up of this account is finished.")
        if account.error_message:
            return account.error_message
        if not moment or moment <= fields.Datetime.now():
            return self.env._("It is new. The next scan, within 15 minutes, will file it.")
        return self.env._(
            "It is new. The next scan, at %s, will file it.",
            format_moment(self.env, moment),
        )


def _key(path):
    return "INBOX" if path.upper() == "INBOX" else path


def _domain_of(address):
    return address.rpartition("@")[2]
