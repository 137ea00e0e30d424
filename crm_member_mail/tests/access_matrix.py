"""The matrix of who may do what: where emails are, the users, and what each user may do."""

from base64 import b64decode

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user

from .common import MemberMailCase

#: A picture of one point, which is given out as it is.
PICTURE = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)

#: Name of a user, and the user's groups.
USERS = {
    "public": "base.group_public",
    "portal": "base.group_portal",
    "outsider": "base.group_user",
    "user": "crm_member_mail.group_user",
    "own": "crm_member_mail.group_user,crm_member_mail.group_private_account",
    "sales": "sales_team.group_sale_manager",
    "manager": "crm_member_mail.group_manager",
    "system": "base.group_system",
}
READERS = ("user", "own", "sales", "manager", "system")
MANAGERS = ("manager", "system")

#: Mailboxes from a user's point of view. `mine` is the user's own private one, `private` another's.
PLACES = ("shared", "elsewhere", "team", "other_team", "mine", "private")

NOBODY = {}
#: Whose mail one sees.
SEES = dict.fromkeys(READERS, {"shared", "team", "mine"})
#: Which mailboxes one knows of.
KNOWS = SEES | dict.fromkeys(MANAGERS, {"shared", "team", "other_team", "mine", "private"})
#: Which mailboxes one sets up.
SETS_UP = {"own": {"mine"}} | dict.fromkeys(MANAGERS, {"shared", "team", "other_team", "mine"})
#: Those that one may archive or rename.
ADMINISTERS = SETS_UP | dict.fromkeys(MANAGERS, KNOWS["manager"])
#: What everybody has for himself.
OWN = dict.fromkeys(READERS, {"mine"})
#: What belongs to no mailbox.
COMMON = dict.fromkeys(READERS, {"common"})


def only(users, rights):
    """The part of ``rights`` that is for these users."""
    return {user: places for user, places in rights.items() if user in users}


#: Model: who reads, writes and deletes what. Each model of the addon must be here.
RIGHTS = {
    "member.mail.account": (KNOWS, ADMINISTERS, ADMINISTERS),
    "member.mail.folder": (
        SEES | only(MANAGERS, SETS_UP),
        SETS_UP,
        only(MANAGERS, SETS_UP),
    ),
    "member.mail.exclusion": (SETS_UP, SETS_UP, SETS_UP),
    # Retrying and ignoring; nobody writes by hand.
    "member.mail.failure": (SEES, only(MANAGERS, SEES) | only(["own"], SETS_UP), NOBODY),
    "member.mail.message": (SEES, NOBODY, SEES),
    "member.mail.conversation": (SEES, NOBODY, NOBODY),
    "member.mail.participant": (SEES, NOBODY, NOBODY),
    "member.mail.location": (SEES, NOBODY, NOBODY),
    "member.mail.remote.attachment": (SEES, NOBODY, NOBODY),
    "ir.attachment": (SEES, NOBODY, NOBODY),
    "member.mail.draft": (OWN, OWN, OWN),
    "member.mail.trusted.sender": (OWN, NOBODY, OWN),
    "member.mail.trace": (OWN, OWN, OWN),
    "member.mail.trace.line": (OWN, NOBODY, NOBODY),
    "member.mail.export": (OWN, OWN, OWN),
    "member.mail.file.under": (OWN, OWN, OWN),
    "member.mail.add.address": (OWN, OWN, OWN),
    "member.mail.erasure": (only(MANAGERS, COMMON), NOBODY, NOBODY),
    "member.mail.erasure.wizard": (only(MANAGERS, OWN),) * 3,
    "member.mail.address": (COMMON, COMMON, COMMON),
    "member.mail.audit": (OWN | only(MANAGERS, KNOWS), NOBODY, NOBODY),
    "member.mail.provider": (COMMON, only(MANAGERS, COMMON), only(MANAGERS, COMMON)),
    "member.mail.copy": (NOBODY,) * 3,
    "member.mail.copy.filing": (NOBODY,) * 3,
    "member.mail.filing": (NOBODY,) * 3,
    "member.mail.hook": (NOBODY,) * 3,
    "member.mail.home": (NOBODY,) * 3,
    "member.mail.last.date": (NOBODY,) * 3,
    "member.mail.lookup": (NOBODY,) * 3,
    "member.mail.news": (NOBODY,) * 3,
    "member.mail.notice": (NOBODY,) * 3,
    "member.mail.reference": (NOBODY,) * 3,
    "member.mail.listening": (NOBODY,) * 3,
    "member.mail.removal": (NOBODY,) * 3,
    "member.mail.search": (NOBODY,) * 3,
    "member.mail.seen": (NOBODY,) * 3,
    "member.mail.tombstone": (NOBODY,) * 3,
}

#: What a write tries to change.
TOUCH = {
    "member.mail.account": {"name": "Touched"},
    "member.mail.folder": {"role": "archive"},
    "member.mail.exclusion": {"note": "Touched"},
    "member.mail.failure": {"error": "Touched"},
    "member.mail.message": {"subject": "Touched"},
    "member.mail.conversation": {"subject": "Touched"},
    "member.mail.participant": {"name": "Touched"},
    "member.mail.location": {"uid": 99},
    "member.mail.remote.attachment": {"name": "Touched"},
    "ir.attachment": {"name": "Touched"},
    "member.mail.draft": {"subject": "Touched"},
    "member.mail.trusted.sender": {"email": "touched@example.com"},
    "member.mail.trace": {"query": "Touched"},
    "member.mail.trace.line": {"subject": "Touched"},
    "member.mail.export": {"format": "mbox"},
    "member.mail.file.under": {"whole_conversation": True},
    "member.mail.add.address": {"email": "touched@example.com"},
    "member.mail.erasure": {"name": "Touched"},
    "member.mail.erasure.wizard": {"exclude": False},
    "member.mail.address": {"email": "touched@example.com"},
    "member.mail.audit": {"user_name": "Touched"},
    "member.mail.provider": {"name": "Touched"},
}


class MatrixCase(MemberMailCase):
    """One mailbox of each kind, with one record of each model in it, and one user of each group.

    :cvar bool terse: access is refused without the text for people, which Odoo takes half of such a
        test's time to write; not where what is told counts
    """

    terse = False

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if cls.terse:
            rules = cls.registry["ir.rule"]
            cls.classPatch(rules, "_make_access_error", lambda *_args: AccessError("no"))
        export = ",base.group_allow_export,base.group_partner_manager"
        cls.users = {
            name: new_test_user(
                cls.env, f"matrix_{name}", groups + (export if name in READERS else "")
            )
            for name, groups in USERS.items()
        }
        cls.stranger = new_test_user(cls.env, "matrix_stranger", "crm_member_mail.group_user")
        team, other_team = cls.env["crm.team"].create(
            [
                {
                    "name": "Ours",
                    "member_ids": [Command.set([cls.users[u].id for u in READERS])],
                },
                {"name": "Others'", "member_ids": [Command.set(cls.stranger.ids)]},
            ]
        )
        owner = {"user_id": cls.stranger.id}
        company = cls.env["res.company"].create({"name": "Elsewhere"})
        kinds = {
            "shared": owner,
            "elsewhere": {**owner, "company_id": company.id},
            "team": {**owner, "visibility": "team", "team_id": team.id},
            "other_team": {**owner, "visibility": "team", "team_id": other_team.id},
            "private": {**owner, "visibility": "private"},
        } | {
            f"mine {name}": {"visibility": "private", "user_id": cls.users[name].id}
            for name in READERS
        }
        #: Text that is nowhere but in what belongs to a mailbox: dict of its name to the text.
        cls.marks = {name: f"zq{number}qz" for number, name in enumerate(kinds)}
        #: Model to a dict of the name of a mailbox to its record.
        cls.records = {model: {} for model in RIGHTS}
        for name, values in kinds.items():
            for record in cls._fill(name, values):
                cls.records[record._name][name] = record
        cls.records["member.mail.address"]["common"] = cls.env["member.mail.address"].create(
            {"partner_id": cls.member.id, "email": "other@member.example"}
        )
        cls.records["member.mail.provider"]["common"] = cls.env.ref(
            "crm_member_mail.provider_gmail"
        )
        cls.records["member.mail.erasure"]["common"] = cls.env["member.mail.erasure"].create(
            {"name": "A**", "addresses": "a**@m*****.example", "company_ids": cls.env.company.ids}
        )
        cls.env.flush_all()
        cls.env.invalidate_all()

    @classmethod
    def _fill(cls, name, values):
        """One record of each model that belongs to a mailbox: yields them."""
        mark = cls.marks[name]
        email = f"{mark}@customer.example"
        account = cls.make_account(name=mark, email=f"{mark}@club.example", **values)
        yield account
        message = cls.make_message(
            account=account, subject=mark, body=f"<p>{mark}</p>", body_text=mark, preview=mark,
            correspondent=mark, email_from=email, headers=f"Subject: {mark}\r\n",
            attachments=[{"name": f"{mark}.png", "raw": PICTURE, "mimetype": "image/png"}],
            people=[
                ("from", mark, email, cls.member), ("to", mark, account.email, cls.member.browse())
            ],
        )  # fmt: skip
        yield message
        yield message.conversation_id
        yield message.participant_ids[0]
        yield message.attachment_ids
        make = {
            "member.mail.folder": {"account_id": account.id, "path": mark, "role": "inbox"},
            "member.mail.exclusion": {"account_id": account.id, "pattern": f"{mark}.example"},
            "member.mail.remote.attachment": {
                "message_id": message.id, "name": mark, "mimetype": "text/plain", "section": "2",
            },
        }  # fmt: skip
        made = {model: cls.env[model].create(vals) for model, vals in make.items()}
        yield from made.values()
        at = {"folder_id": made["member.mail.folder"].id, "uidvalidity": 1, "uid": 1}
        yield cls.env["member.mail.location"].create({**at, "message_id": message.id})
        yield cls.env["member.mail.failure"].create({**at, "error": mark, "raw": "c2VjcmV0"})
        cls.env["member.mail.audit"].with_user(account.user_id).sudo()._note("open", message)
        entry = cls.env["member.mail.audit"].search([("account_id", "=", account.id)])
        yield from entry
        # What is everybody's own: of the one whose mailbox it is.
        user = account.user_id.id
        yield cls.env["member.mail.draft"].create(
            {
                "user_id": user, "account_id": account.id, "email_from": account.email,
                "subject": mark, "res_model": "res.partner", "res_id": cls.member.id,
                "touched": True,
            }
        )  # fmt: skip
        yield cls.env["member.mail.trusted.sender"].create({"user_id": user, "email": email})
        trace = cls.env["member.mail.trace"].with_user(user).sudo()
        trace = trace.create({"account_id": account.id, "query": mark})
        yield trace
        yield trace.line_ids.create(
            {
                "trace_id": trace.id, "account_id": account.id, "subject": mark,
                "verdict": "filed", "message_id": message.id,
            }
        )  # fmt: skip
        export = cls.env["member.mail.export"].with_user(user).sudo()
        yield export.create({"partner_ids": [Command.set(cls.member.ids)]})
        filing = cls.env["member.mail.file.under"].with_user(user).sudo()
        yield filing.create(
            {
                "message_ids": [Command.set(message.ids)],
                "partner_ids": [Command.set(cls.member.ids)],
            }
        )
        adding = cls.env["member.mail.add.address"].with_user(user).sudo()
        yield adding.create({"email": email, "partner_id": cls.member.id})
        cls.env["member.mail.filing"].create(
            {"message_id": message.id, "partner_id": cls.member.id, "kind": "filed"}
        )
        eraser = cls.env["member.mail.erasure.wizard"].with_user(user).sudo()
        yield eraser.create({"partner_ids": [Command.set(cls.member.ids)]})
        cls.env["member.mail.notice"].create({"message_id": message.id, "account_id": account.id})
        cls.env["member.mail.news"].create({"message_id": message.id, "user_id": user})
        cls.env["member.mail.hook"].create({"message_id": message.id, "rule_id": 0})
        cls.env["member.mail.lookup"].create({"account_id": account.id, "address": email})
        cls.env["member.mail.seen"].create({"message_id": message.id, "user_id": user})

    @classmethod
    def keys(cls, user, rights):
        """The names of the mailboxes that ``rights`` give a user."""
        places = rights.get(user, ())
        private = {name for name in cls.marks if name.startswith("mine ")} - {f"mine {user}"}
        return {
            key
            for place in places
            for key in {"mine": [f"mine {user}"], "private": ["private", *private]}.get(
                place, [place]
            )
        }

    @classmethod
    def expected(cls, rights, user, model):
        """The records of a model that ``rights`` give a user."""
        found = cls.records[model]
        keys = sorted(cls.keys(user, rights) & found.keys())
        return cls.env[model].union(*(found[key] for key in keys))

    @classmethod
    def hidden_marks(cls, user, rights=None):
        """The texts that a user must never see."""
        seen = cls.keys(user, rights or SEES)
        return {mark for name, mark in cls.marks.items() if name not in seen}


def _count(record, messages):
    return len(messages)


def _unread(record, messages):
    read = record.env["member.mail.seen"].search([("user_id", "=", record.env.uid)]).message_id
    return len(messages.filtered(lambda m: m.direction == "in" and m.is_news) - read)


def _latest(record, messages, *directions):
    return max((m.date for m in messages if m.direction in directions), default=False)


def _of_account(account, messages):
    return len(messages.filtered(lambda message: account in message.account_ids))


#: What is told about many messages at once: model and field, to what it is for a reader, computed from
#: the messages that this reader sees (of the superuser, the oldest first) and from nothing else. Each
#: field of ours that counts or dates messages must be here, or in NO_FIGURES.
FIGURES = {
    ("res.partner", "member_mail_count"): _count,
    ("res.partner", "member_mail_unread_count"): _unread,
    ("res.partner", "member_mail_message_ids"): lambda record, messages: messages,
    ("res.partner", "member_mail_last_date"): lambda r, m: _latest(r, m, "in", "out"),
    ("res.partner", "member_mail_last_in_date"): lambda r, m: _latest(r, m, "in"),
    ("res.partner", "member_mail_last_out_date"): lambda r, m: _latest(r, m, "out"),
    ("res.partner", "member_mail_awaits_answer"): lambda r, m: m[-1:].direction == "in",
    ("crm.lead", "member_mail_count"): _count,
    ("crm.lead", "member_mail_unread_count"): _unread,
    ("crm.lead", "member_mail_message_ids"): lambda record, messages: messages,
    # By the first that was filed.
    ("member.mail.conversation", "display_name"): lambda r, m: m.sorted("id")[:1].subject,
    ("member.mail.conversation", "message_ids"): lambda record, messages: messages,
    ("member.mail.conversation", "is_visible"): lambda record, messages: bool(messages),
    ("member.mail.account", "message_count"): _of_account,
    ("member.mail.account", "retention_count"): _of_account,
}
#: Fields that are about contacts, servers and failures, not about filed messages; or nobody's.
NO_FIGURES = {
    ("res.partner", "member_mail_address_ids"),
    ("res.partner", "member_mail_addresses"),
    ("res.partner", "member_mail_former_addresses"),
    ("res.partner", "member_mail_unusable"),
    ("crm.lead", "member_mail_source_id"),
    ("crm.lead", "member_mail_has_source"),
}
