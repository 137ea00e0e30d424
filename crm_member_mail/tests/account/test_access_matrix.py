import json

from odoo.exceptions import AccessError, UserError
from odoo.http import Controller
from odoo.tests import HttpCase, tagged

from odoo.addons.bus.models.bus import channel_with_db
from odoo.addons.http_routing.tests.common import MockRequest

from ..access_matrix import KNOWS, PICTURE, PLACES, READERS, RIGHTS, SEES, TOUCH, USERS, MatrixCase


@tagged("post_install", "-at_install")
class TestAccessMatrix(MatrixCase):
    """Every model, every group, every kind of mailbox."""

    terse = True

    def test_the_matrix_is_complete(self):
        models = {
            name
            for name, model in self.env.registry.items()
            if name.startswith("member.mail.") and not model._abstract
        }
        self.assertEqual(
            models - RIGHTS.keys(),
            set(),
            "say in RIGHTS (access_matrix.py) who may do what with it",
        )
        for model, (read, _write, _unlink) in RIGHTS.items():
            if read:
                self.assertTrue(self.records[model], f"there is a {model} in the matrix")

    def rows(self):
        """Each user with each model: (name, the user's model, all records, the readable ones)."""
        for name, user in self.users.items():
            for model, (read, _write, _unlink) in RIGHTS.items():
                every = self.env[model].union(*self.records[model].values())
                may = self.expected(read, name, model)
                yield name, self.env[model].with_user(user), every, may
                self.env.invalidate_all()

    @staticmethod
    def to_try(denied):
        """Those of the records that a user is denied which are to be tried, each by itself: all, but
        only one where the user does not even get at the model, since then they make no difference."""
        return denied if denied.browse().has_access("read") else denied[:1]

    def test_read(self):
        for name, model, every, may in self.rows():
            with self.subTest(user=name, model=model._name):
                readable = every.with_user(model.env.user)._filtered_access("read")
                self.assertEqual(readable.sudo(), may)
                may.with_user(model.env.user).read(["display_name"])
                for record in self.to_try((every - may).with_user(model.env.user)):
                    with self.assertRaises(AccessError):
                        record.read(["display_name"])

    def test_search(self):
        for name, model, every, may in self.rows():
            with self.subTest(user=name, model=model._name):
                domain = [("id", "in", every.ids)]
                if not model.has_access("read"):
                    self.assertFalse(may)
                    if model._name == "ir.attachment":
                        # Odoo's own finds nothing where there is no access.
                        self.assertFalse(model.search(domain))
                        continue
                    for ask in self.questions(model, domain).values():
                        with self.assertRaises(AccessError):
                            ask()
                    continue
                found = {what: ask() for what, ask in self.questions(model, domain).items()}
                self.assertEqual(set(found.pop("search").ids), set(may.ids))
                self.assertEqual(
                    {row["id"] for row in found.pop("web_search_read")["records"]}, set(may.ids)
                )
                self.assertEqual({row[0] for row in found.pop("name_search")}, set(may.ids))
                groups = found.pop("web_read_group")["groups"]
                self.assertEqual(sum(group["__count"] for group in groups), len(may))
                [row] = found.pop("formatted_read_group")
                self.assertEqual(row["__count"], len(may))
                [(count,)] = found.pop("_read_group")
                self.assertEqual(count, len(may))
                self.assertEqual(found.pop("search_count"), len(may))
                self.assertFalse(found)

    @staticmethod
    def questions(model, domain):
        return {
            "search": lambda: model.search(domain),
            "search_count": lambda: model.search_count(domain),
            "_read_group": lambda: model._read_group(domain, [], ["__count"]),
            "formatted_read_group": lambda: model.formatted_read_group(domain, [], ["__count"]),
            "web_read_group": lambda: model.web_read_group(domain, ["create_uid"], ["__count"]),
            "name_search": lambda: model.name_search("", domain, limit=None),
            "web_search_read": lambda: model.web_search_read(domain, {"create_date": {}}),
        }

    def test_export(self):
        for name, model, every, may in self.rows():
            with self.subTest(user=name, model=model._name):
                if name not in READERS:
                    continue
                if may:
                    rows = may.with_user(model.env.user).export_data(["create_date"])["datas"]
                    self.assertEqual(len(rows), len(may))
                for record in self.to_try((every - may).with_user(model.env.user)):
                    with self.assertRaises(AccessError):
                        record.export_data(["create_date"])

    def test_write_and_unlink(self):
        for name, model, every, _may in self.rows():
            with self.subTest(user=name, model=model._name):
                mine = every.with_user(model.env.user)
                _read, write, unlink = RIGHTS[model._name]
                for operation, rights in (("write", write), ("unlink", unlink)):
                    may = self.expected(rights, name, model._name)
                    self.assertEqual(mine._filtered_access(operation).sudo(), may, operation)
                    for record in self.to_try(mine - may.with_user(model.env.user)):
                        act = record.unlink if operation == "unlink" else self.touch(record)
                        with self.assertRaises(AccessError):
                            act()

    @staticmethod
    def touch(record):
        return lambda: record.write(TOUCH[record._name])

    def test_create(self):
        """Nobody puts records into others' mailboxes or creates them in others' names."""
        for name, user in self.users.items():
            for model, values_of in {
                "member.mail.folder": lambda a: {"account_id": a.id, "path": "Trap"},
                "member.mail.exclusion": lambda a: {"account_id": a.id, "pattern": "trap.example"},
                "member.mail.message": lambda _a: {"subject": "Trap"},
                "member.mail.failure": lambda a: {"folder_id": a.folder_ids.id, "uid": 7},
                "member.mail.trace.line": lambda _a: {"subject": "Trap", "verdict": "filed"},
            }.items():
                allowed = self.keys(name, RIGHTS[model][2])
                if model == "member.mail.message":
                    allowed = set()  # only filed
                for place, account in self.records["member.mail.account"].items():
                    if place in allowed:
                        continue
                    with (
                        self.subTest(user=name, model=model, place=place),
                        self.assertRaises(UserError),
                        self.env.cr.savepoint(),
                    ):
                        self.env[model].with_user(user).create(values_of(account))
                self.env.invalidate_all()

    def test_contacts_show_what_one_sees(self):
        for name in READERS:
            partner = self.member.with_user(self.users[name])
            visible = self.expected(SEES, name, "member.mail.message")
            with self.subTest(user=name):
                self.assertEqual(partner.member_mail_message_ids.sudo(), visible)
                self.assertEqual(partner.member_mail_count, len(visible))
                for place, account in self.records["member.mail.account"].items():
                    message = self.records["member.mail.message"][place]
                    found = partner.search(
                        [
                            ("id", "=", partner.id),
                            ("member_mail_message_ids.subject", "=", message.subject),
                        ]
                    )
                    self.assertEqual(bool(found), message in visible, account.name)
            self.env.invalidate_all()

    def test_no_text_of_hidden_mail_in_any_record(self):
        """All readable fields of all readable records; references are read with the names of the
        records that they refer to."""
        for name, model, _every, may in self.rows():
            with self.subTest(user=name, model=model._name):
                if not may or model._name in ("member.mail.provider", "member.mail.address"):
                    continue
                names = model._name == "ir.attachment" and ["name", "res_name"]
                names = names or [
                    field.name
                    for field in model._fields.values()
                    if field.type != "one2many"  # numbers only
                    and "crm_member_mail" in field._modules
                    and model._has_field_access(field, "read")
                ]
                text = json.dumps(may.with_user(model.env.user).read(names), default=str)
                hidden = self.hidden_marks(name, RIGHTS[model._name][0])
                for mark in hidden & self.hidden_marks(name):
                    self.assertNotIn(mark, text)

    def test_what_a_client_gives_by_number_is_not_told_by_name(self):
        """Odoo reads the names of references with all rights, also those of a form that was never
        stored."""
        tried = set()
        for name, user in self.users.items():
            env, known = self.env(user=user), self.keys(name, KNOWS)
            for model, field in self.references(env):
                for place, record in self.records[field.comodel_name].items():
                    if place in known or place == "common":
                        continue
                    spec = {field.name: {"fields": {"display_name": {}}}}
                    try:
                        with self.env.cr.savepoint():
                            told = model.onchange({field.name: record.id}, [], spec)
                    except Exception:
                        continue
                    tried.add((model._name, field.name))
                    with self.subTest(user=name, model=model._name, field=field.name):
                        self.assertNotIn(self.marks[place], json.dumps(told, default=str))
                    break
        self.assertLessEqual(
            {
                ("member.mail.draft", "answered_id"),
                ("member.mail.trace", "account_id"),
                ("ir.attachment", "original_id"),
            },
            tried,
        )

    def references(self, env):
        """The fields through which a user's forms refer to what is in the matrix: (model, field)."""
        for model in map(env.__getitem__, self.env.registry):
            if not model._abstract and model.has_access("create"):
                for field in model._fields.values():
                    if field.type == "many2one" and field.comodel_name in RIGHTS:
                        yield model, field

    def test_which_mailboxes_hold_it(self):
        """Users who see a message through one mailbox don't learn which others hold it."""
        accounts = self.records["member.mail.account"]
        message = self.records["member.mail.message"]["shared"]
        message.account_ids = self.env["member.mail.account"].union(*accounts.values())
        self.env.flush_all()
        for name in READERS:
            mine = message.with_user(self.users[name])
            visible = {accounts[key].name for key in self.keys(name, SEES)}
            with self.subTest(user=name):
                self.env.invalidate_all()
                [values] = mine.web_read({"account_ids": {"fields": {"name": {}}}})
                self.assertEqual({account["name"] for account in values["account_ids"]}, visible)
                for account in accounts.values():
                    found = mine.search([("id", "=", mine.id), ("account_ids", "=", account.id)])
                    self.assertEqual(bool(found), account.name in visible)

    def test_outgoing_mail_of_private_mailboxes(self):
        account, message = (
            self.records[model]["private"]
            for model in ("member.mail.account", "member.mail.message")
        )
        account.write({"notify": True, "notify_email": "owner@example.com"})
        before = self.env["mail.mail"].search([])
        account._announce_by_email(message)
        [mail] = self.env["mail.mail"].search([]) - before
        self.assertIn(self.marks["private"], mail.body_html)
        for name, user in self.users.items():
            with self.subTest(user=name):
                self.assertFalse(mail.with_user(user).has_access("read"))
                self.assertFalse(mail.mail_message_id.with_user(user)._filtered_access("read"))
        other = before.create({"subject": "x", "body_html": "x"})
        self.assertTrue(other.with_user(self.users["system"]).has_access("read"))


@tagged("post_install", "-at_install")
class TestAccessMatrixOutside(MatrixCase, HttpCase):
    """What leaves Odoo: files over HTTP, and the bus."""

    def test_files(self):
        for name in USERS:
            login = f"matrix_{name}"
            self.authenticate(None, None) if name == "public" else self.authenticate(login, login)
            visible = self.keys(name, SEES)
            for place in self.keys(name, dict.fromkeys(USERS, PLACES[:-1])) | {"private"}:
                if place not in self.marks:
                    continue
                for url, secret in self.urls(place).items():
                    with self.subTest(user=name, place=place, url=url):
                        answer = self.url_open(url, allow_redirects=False)
                        shown = answer.status_code == 200 and secret in answer.content
                        self.assertEqual(shown, place in visible)
                        if not shown:
                            self.assertNotIn(self.marks[place].encode(), answer.content)

    def test_exports(self):
        for name in READERS:
            self.authenticate(f"matrix_{name}", f"matrix_{name}")
            for place, export in self.records["member.mail.export"].items():
                answer = self.url_open(f"/member_mail/export/{export.id}")
                with self.subTest(user=name, place=place):
                    self.assertEqual(answer.status_code, 200 if place == f"mine {name}" else 404)
            own = self.records["member.mail.export"][f"mine {name}"]
            own.format = "mbox"
            content = self.url_open(f"/member_mail/export/{own.id}").content
            found = {place for place, mark in self.marks.items() if mark.encode() in content}
            with self.subTest(user=name):
                self.assertEqual(found, self.keys(name, SEES))

    def urls(self, place):
        """Dict of URL to what must be found there."""
        message, file, failure = (
            self.records[model][place]
            for model in ("member.mail.message", "ir.attachment", "member.mail.failure")
        )
        return {
            f"/web/content/{file.id}": PICTURE,
            f"/web/content/{file.id}?download=true": PICTURE,
            f"/web/image/{file.id}": PICTURE,
            f"/web/image/ir.attachment/{file.id}/datas": PICTURE,
            f"/web/content?model=ir.attachment&id={file.id}&field=raw": PICTURE,
            f"/web/content/member.mail.failure/{failure.id}/raw": b"secret",
            f"/member_mail/message/{message.id}/eml": self.marks[place].encode(),
        }

    def test_every_address_is_in_the_matrix(self):
        found = {
            path
            for cls in Controller.children_classes.get("crm_member_mail", ())
            for method in vars(cls).values()
            for path in getattr(method, "original_routing", {}).get("routes", ())
        }
        self.assertEqual(
            found,
            {
                "/crm_member_mail/health",  # with a token, and without anything of an email
                "/crm_member_mail/metrics",  # the same
                "/member_mail/message/<int(max=2147483647):message_id>/eml",
                "/member_mail/export/<int(max=2147483647):export_id>",
            },
        )

    def test_bus(self):
        accounts = self.records["member.mail.account"]
        names = {
            channel_with_db(self.env.cr.dbname, account): place
            for place, account in accounts.items()
        }
        asked = [f"member.mail.account_{account.id}" for account in accounts.values()]
        for name, user in self.users.items():
            with self.subTest(user=name), MockRequest(self.env(user=user)):
                socket = self.env["ir.websocket"].with_user(user)
                channels = socket._prepare_subscribe_data(asked, 0)["channels"]
            channels = {channel_with_db(self.env.cr.dbname, channel) for channel in channels}
            heard = {place for channel, place in names.items() if channel in channels}
            self.assertEqual(heard, self.keys(name, SEES))
