import time
from datetime import datetime

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..mailbox.errors import CODES, MailboxError
from ..mailbox.imap.trace import criteria, search_all
from ..models.account.visibility import visible_accounts
from ..workers.transactions import commit
from .trace_judge import TraceJudge
from .trace_reasons import names_of

#: Seconds that a search may take in total, and that a server may take for one operation.
DEADLINE, TIMEOUT = 25.0, 10.0

#: Emails that are shown, the newest ones; and those that are looked for among what is filed.
SHOWN, FILED = 50, 20


class MemberMailTrace(models.TransientModel):
    """Where is my mail? Looks for an email in whole mailboxes and says what happened to it."""

    _name = "member.mail.trace"
    _description = "Search for an Email"

    account_id = fields.Many2one(
        "member.mail.account",
        "Email account",
        ondelete="cascade",
        help="Empty: all mailboxes that you can see.",
    )
    query = fields.Char(
        "Look for",
        help="The address of a sender or recipient, words from the subject, or a Message-ID.",
    )
    line_ids = fields.One2many("member.mail.trace.line", "trace_id", "Emails found", readonly=True)
    searched = fields.Text("Searched in", readonly=True)
    problems = fields.Text("Not searched", readonly=True)
    details = fields.Text("What the mail servers said", readonly=True)

    @api.model
    def open_for(self, query):
        """Open the search for an email, with what is found if there is something to search for.

        :param str query: as in the field
        :return: the action
        """
        trace = self.create({"query": query})
        try:
            criteria(query or "")
        except MailboxError:
            return trace._reopen()
        return trace.action_search()

    def action_search(self):
        """Search the mailboxes; the result is in ``line_ids``, ``searched`` and ``problems``.

        :return: the action that shows it
        :raises AccessError: for a mailbox that is not for this user
        :raises UserError: in plain words, when there is nothing to search for
        """
        self.ensure_one()
        try:
            criteria(self.query or "")
        except MailboxError as error:
            raise UserError(error.sentence(self.env._)) from error
        accounts = self._accounts().sudo()
        answers = self._ask_servers(accounts)
        found = {
            account: answers[account]
            for account in accounts
            if not isinstance(answers[account], MailboxError)
        }
        lines = []
        for account, mailbox in found.items():
            account._update_folders(mailbox.folders)
            lines += TraceJudge(account, mailbox).lines()
        seen = {line.get("message_id") for line in lines}
        whole = [account.id for account, mailbox in found.items() if mailbox.is_whole]
        lines += [line for line in self._search_filed(whole) if line["message_id"] not in seen]
        if len(accounts) > 1:
            lines.sort(key=lambda line: line["date"] or datetime.min, reverse=True)
        problems, details = self._problems(answers, len(lines) > SHOWN)
        # Users can't create lines: these link to the records that they are about.
        self.sudo().write(
            {
                "line_ids": [
                    fields.Command.clear(), *map(fields.Command.create, lines[:SHOWN])
                ],
                "searched": self._searched(found),
                "problems": "\n".join(problems),
                "details": "\n".join(details),
            }
        )  # fmt: skip
        return self._reopen()

    def _accounts(self):
        """The mailboxes to search.

        :raises AccessError: the chosen one is not for this user
        """
        Account = self.env["member.mail.account"].with_context(active_test=False)
        visible = visible_accounts(self.env)
        account = self.account_id
        if not account:
            return Account.search(
                visible & Domain("active", "=", True) & Domain("setting_up", "=", False)
            )
        if not Account.sudo().search_count(visible & Domain("id", "=", account.id)):
            account.check_access("write")
            if account.sudo().visibility == "private":
                raise AccessError(
                    self.env._(
                        "Only its owner can search the private mailbox %s.", account.sudo().email
                    )
                )
        return account

    # -- the servers -----------------------------------------------------------------------------

    def _ask_servers(self, accounts):
        """Search servers at the same time.

        :return: dict of account to Found or, where nothing could be searched, MailboxError
        """
        ends = time.monotonic() + DEADLINE
        asked, answers = {}, {}
        for account in accounts:
            if account.stopped and account.error_code in CODES:
                # Another attempt with a wrong password could lock the mailbox.
                answers[account] = MailboxError(
                    account.error_code, account.error_detail or "", account.error_host or ""
                )
            else:
                asked[account] = None
        settings, told = self._ask(asked, ends)
        refused = {
            account: settings[account]
            for account, answer in told.items()
            if isinstance(answer, MailboxError) and answer.code == "token_refused"
        }
        return answers | told | (self._ask(refused, ends)[1] if refused else {})

    def _ask(self, refused, ends):
        """Search servers once.

        :param refused: dict of account to the ServerSettings whose token was refused, or None
        :return: dicts by account: of the ServerSettings, and of Found or MailboxError
        """
        settings, answers = {}, {}
        for account, old in refused.items():
            try:
                if time.monotonic() >= ends:
                    raise MailboxError("deadline", host=account.imap_host or "")
                settings[account] = account._server_settings("imap", TIMEOUT, refused=old)
            except MailboxError as error:
                answers[account] = error
        commit(self.env)  # no transaction stays open while we wait for the network
        by_id = search_all(
            {account.id: each for account, each in settings.items()}, self.query, ends
        )
        return settings, answers | {account: by_id[account.id] for account in settings}

    # -- what is filed ---------------------------------------------------------------------------

    def _search_filed(self, whole):
        """Lines for what is filed, whatever the servers say.

        :param whole: ids of the accounts all of whose emails the search found
        :return: list of dicts of values
        """
        query = (self.query or "").strip()
        key = query.strip("<>")
        wanted = Domain.OR(
            [
                Domain("rfc_message_id", "=", f"<{key}>"),
                Domain("participant_ids.email", "=", key.lower()),
                Domain("subject", "ilike", query),
            ]
        )
        wanted &= Domain("is_visible", "=", True)
        if self.account_id:
            wanted &= Domain("account_ids", "in", self.account_id.ids)
        messages = self.env["member.mail.message"].search(wanted, limit=FILED)
        lines = []
        for message in messages:
            held = message.sudo().with_context(active_test=False)
            words = self.env._("Filed under %s.", ", ".join(names_of(held)) or self.env._("nobody"))
            accounts = message._visible_accounts()
            if set((self.account_id or accounts).ids) <= set(whole):
                words += " " + self.env._("It is no longer on the server.")
            lines.append(
                {
                    "account_id": (self.account_id or accounts)[:1].id,
                    "subject": message.subject,
                    "date": message.date,
                    "verdict": "filed",
                    "message_id": message.id,
                    "explanation": words,
                }
            )
        return lines

    # -- in words --------------------------------------------------------------------------------

    def _searched(self, found):
        """Where was searched, as text."""
        if self.account_id:
            return ", ".join(path for mailbox in found.values() for path in mailbox.searched)
        return ", ".join(account.email for account in found)

    def _problems(self, answers, is_cut):
        """What the result does not say: list of sentences, and of what those who look after mailboxes
        should know besides.

        :param answers: dict of account to Found or MailboxError
        :param bool is_cut: there are more lines than are shown
        """
        problems, details = [], []
        if not answers:
            problems.append(self.env._("There is no mailbox that you can see."))
        for account, answer in answers.items():
            error = answer if isinstance(answer, MailboxError) else answer.error
            if error:
                reason, said = account._tell(error)
                details += [f"{account.email}: {line}" for line in said.split("\n") if line]
                problems.append(
                    self.env._(
                        "Couldn't ask %(mailbox)s: %(reason)s",
                        mailbox=account.email,
                        reason=reason,
                    )
                )
            if error is answer:
                continue
            missing = account.folder_ids.filtered("missing").mapped("path")
            gone = {*answer.closed, *missing}.difference(answer.searched)
            if gone:
                problems.append(
                    self.env._(
                        "These folders of %(mailbox)s are missing on the server or can't be opened, so "
                        "new emails in them aren't filed: %(folders)s.",
                        mailbox=account.email,
                        folders=", ".join(sorted(gone)),
                    )
                )
            is_cut |= answer.is_cut
        if is_cut:
            problems.append(
                self.env._("There are more emails. To find others, search for something rarer.")
            )
        return problems, details

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Where is my mail?"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }
