from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .test_one_copy import OneCopyCase

#: What changes with any write, and tells nothing.
VOLATILE = {"write_date", "write_uid", "create_date", "create_uid", "__last_update"}


@tagged("post_install", "-at_install")
class TestOneCopySeen(OneCopyCase):
    """A private copy of an email changes nothing that others read or find."""

    def test_a_private_copy_changes_nothing_for_others(self):
        """Whatever others read, search for, or count: it is the same without the private copy."""
        self.file_shared()
        self.end_transaction()
        users = (self.user, self.manager, self.system)
        before = [self.seen_by(user) for user in users]
        with self.env.cr.savepoint() as savepoint:
            self.file_private()
            self.end_transaction()
            for user, earlier in zip(users, before, strict=True):
                now = self.seen_by(user)
                told = {k: (earlier.get(k), now.get(k)) for k in earlier | now}
                told = {k: pair for k, pair in told.items() if pair[0] != pair[1]}
                self.assertFalse(told, user.login)
            savepoint.rollback()

    def test_the_order_of_the_copies_tells_nothing(self):
        seen = []

        def check(_message):
            seen.append(self.plain(self.seen_by(self.user)))

        self.in_both_orders(check)
        first, second = seen
        self.assertEqual(first, second)

    def plain(self, seen):
        """What was seen, without what merely numbers it."""
        return {
            key: value for key, value in seen.items()
            if key[0] == "read" and key[2] not in ("id", "web_link")
            and key[1:3] != ("member.mail.location", "display_name")
            and not (isinstance(value, (int, tuple, list)) and not isinstance(value, bool))
        }  # fmt: skip

    def seen_by(self, user):
        """What a user reads and finds: dict."""
        self.env.flush_all()
        self.env.invalidate_all()
        message, env, seen = self.message(), self.env(user=user), {}
        ours = [name for name in sorted(env.registry) if name.startswith("member.mail.")]
        records = {}
        for name in ours:
            model = env[name].with_context(active_test=False)
            # The access log grows by this reading.
            if name == "member.mail.audit" or model._abstract or not model.has_access("read"):
                continue
            records[name] = model.search([])
        records["res.partner"] = (self.bea | self.member).with_env(env)
        for name, found in records.items():
            fields = [
                field for field in found.fields_get(attributes=["type"])
                if field not in VOLATILE
                and (name.startswith("member.mail.") or field.startswith("member_mail"))
            ]  # fmt: skip
            for number, values in enumerate(found.sorted("id").read(fields)):
                seen |= {("read", name, field, number): values[field] for field in fields}
            if not name.startswith("member.mail."):
                continue
            for path in self.paths(found, ours):
                try:
                    ids = found.search([(path, "in", message.ids)]).ids
                except (AccessError, UserError, ValueError):
                    continue
                seen["search", name, path] = ids
        return seen

    def paths(self, model, ours, depth=2):
        """The paths from a model that lead to messages."""
        for name, field in model._fields.items():
            if not field.relational or field.comodel_name not in ours:
                continue
            if field.comodel_name == "member.mail.message":
                yield name
            elif depth:
                for path in self.paths(model.env[field.comodel_name], ours, depth - 1):
                    yield f"{name}.{path}"

    def test_mailboxes_are_not_found_by_their_messages(self):
        """Administrators know of all mailboxes, not of what is in them."""

        def check(message):
            for user in (self.manager, self.system):
                Account = self.env["member.mail.account"].with_user(user)
                ours = {name for name in self.env.registry if name.startswith("member.mail.")}
                for path in self.paths(Account, ours, depth=3):
                    with self.subTest(user=user.login, path=path):
                        try:
                            found = Account.search([(path, "in", message.ids)])
                        except (AccessError, UserError, ValueError):
                            continue
                        self.assertNotIn(self.private, found.sudo())
                for domain in (
                    [("account_ids", "in", self.private.ids)],
                    [("account_ids.email", "=", self.private.email)],
                    [("account_ids", "any", [("id", "=", self.private.id)])],
                    [("location_ids.folder_id.account_id", "in", self.private.ids)],
                    [("location_ids.account_id", "in", self.private.ids)],
                    [("location_ids.folder_id", "in", self.private_sent.ids)],
                ):  # fmt: skip
                    with self.subTest(user=user.login, domain=domain):
                        Message = self.env["member.mail.message"].with_user(user)
                        self.assertFalse(Message.search(domain))
                groups = self.env["member.mail.message"].with_user(user)._read_group(
                    [], ["account_ids"], ["__count"]
                )  # fmt: skip
                self.assertNotIn(self.private, [account.sudo() for account, _n in groups])
                with self.assertRaises(AccessError):
                    self.private.with_user(user).read(["member_mail_message_ids"])
                self.assertEqual(self.private.with_user(user).message_count, 0)
                self.private.with_user(user).retention_months = 1
                self.assertEqual(self.private.with_user(user).retention_count, 0)

        self.in_both_orders(check)

    def test_a_conversation_is_named_by_what_its_reader_sees(self):
        self.file_private(bcc="", number=3)
        hidden = self.message()
        shown = self.receive("ada@member.example", subject="Of all")
        shown.conversation_id = hidden.conversation_id
        self.env["member.mail.conversation"]._renew(hidden.conversation_id.ids)
        conversation = hidden.conversation_id
        self.env.invalidate_all()
        for user, name in (
            (self.owner, "Hello 3"), (self.user, "Of all"), (self.owner, "Hello 3"),
            (self.manager, "Of all"), (self.system, "Of all"),
        ):  # fmt: skip
            self.assertEqual(conversation.with_user(user).display_name, name, user.login)
            for field in ("subject", "last_date"):
                of_user = conversation.with_user(user)
                if of_user._has_field_access(of_user._fields[field], "read"):
                    self.assertEqual(of_user[field], {"subject": name}.get(field, shown.date))
        found = self.env["member.mail.conversation"].with_user(self.user)
        self.assertFalse(found.search([("display_name", "ilike", "Hello 3")]))
