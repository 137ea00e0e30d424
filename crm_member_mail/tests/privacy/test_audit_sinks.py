"""Whatever tells what is in an email of a private mailbox is in the access log, or does not answer."""

import inspect
import json
from base64 import b64encode

from markupsafe import Markup

from odoo import Command
from odoo.exceptions import AccessError
from odoo.service.model import call_kw, get_public_method
from odoo.tests import tagged

from ..access_matrix import SEES, MatrixCase
from ..account import test_access_methods as methods
from . import test_audit as audit

MESSAGE, AUDIT = "member.mail.message", "member.mail.audit"
SECRET = "qsecretq"

#: Where Odoo would connect to a server; none of these tells what is in an email.
WITH_SERVERS = ("member.mail.account", "member.mail.trace", "member.mail.remote.attachment")


def tells(answer):
    """Whether an answer, of whatever kind, has the secret in it."""
    text = json.dumps(answer, default=lambda value: repr(value))
    return any(form in text for form in (SECRET, b64encode(SECRET.encode()).decode()))


@tagged("post_install", "-at_install")
class TestSinks(MatrixCase):
    """Every field and every public method. A new one is tried as soon as it exists."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.place = "mine own"
        cls.me = cls.users["own"]
        cls.mine = cls.records[MESSAGE][cls.place]
        cls.mine.write(
            {
                "body": f"<p>{SECRET}</p>",
                "body_text": SECRET,
                "preview": SECRET,
                "headers": f"Comments: {SECRET}\r\n",
                "defects": False,
                "invitation": {
                    "method": "request", "sequence": 0, "title": SECRET, "start": None, "end": None,
                    "place": "", "organizer": None, "guests": [], "recurrence": None,
                    "is_alone": False,
                },
            }
        )  # fmt: skip
        cls.file = cls.mine.attachment_ids
        cls.file.write({"raw": SECRET.encode(), "mimetype": "text/plain"})
        cls.records["member.mail.failure"][cls.place].raw = b64encode(SECRET.encode())
        cls.lead = cls.env["crm.lead"].create({"name": "Lead", "partner_id": cls.member.id})
        cls.mine.lead_ids = cls.lead
        cls.env.flush_all()
        cls.env.invalidate_all()

    def asked(self, model, method, *args):
        """The answer to a call, and whether something was noted; None when it is refused."""
        before = self.env[AUDIT].search_count([])
        self.env.cr.execute("UPDATE member_mail_audit SET date = date - interval '1 day'")
        self.env.invalidate_all()
        savepoint = self.env.cr.savepoint()
        try:
            answer = call_kw(self.env(user=self.me)[model], method, args, {})
            self.env.flush_all()
        except Exception:
            return None, False
        else:
            return answer, self.env[AUDIT].search_count([]) > before
        finally:
            savepoint.close(rollback=True)
            self.env.invalidate_all(flush=False)

    def test_every_field(self):
        told = set()
        found = {model: records.get(self.place) for model, records in self.records.items()}
        found |= {"res.partner": self.member, "crm.lead": self.lead}
        for model, record in found.items():
            if not record:
                continue
            for name in self.env[model]._fields:
                answer, noted = self.asked(model, "read", record.ids, [name])
                if not tells(answer):
                    continue
                told.add((model, name))
                with self.subTest(model=model, field=name):
                    self.assertTrue(noted, "who reads this has opened the email")
        expected = {(MESSAGE, name) for name in ("body", "body_text", "preview", "preview_shown")}
        expected |= {("ir.attachment", name) for name in ("raw", "datas", "index_content")}
        self.assertLessEqual(expected, told, "the secret is there to be found")

    def test_every_method(self):
        told = set()
        records = {
            model: found[self.place] for model, found in self.records.items() if self.place in found
        } | {"res.partner": self.member, "crm.lead": self.lead}
        for (model, method), (_rights, args) in methods.METHODS.items():
            if model in WITH_SERVERS:
                continue
            answer, noted = self.asked(model, method, *args(records))
            if method == "get_page" or not tells(answer):
                continue  # a page of a contact shows the beginnings of many emails
            told.add(method)
            with self.subTest(model=model, method=method):
                self.assertTrue(noted, "who asks this has opened the email")
        self.assertLessEqual(
            {"get_viewer_html", "get_print_html", "get_original_headers", "get_messages"}, told
        )

    def test_every_method_of_the_orm(self):
        """What every model offers, with whatever it takes: none tells the text without a trace."""
        told = set()
        for model, names in (
            (MESSAGE, ["body", "body_text", "preview"]),
            ("ir.attachment", ["raw", "datas", "index_content"]),
            ("member.mail.failure", ["raw"]),
        ):
            record = self.records[model][self.place]
            here, spec = [("id", "=", record.id)], {name: {} for name in names}
            grouped = [f"{name}:array_agg" for name in names]
            for method in dir(self.env.registry[model]):
                if method.startswith("_") or method in ("init", "get_viewer_html"):
                    continue
                try:
                    function = get_public_method(self.env[model], method)
                except (AccessError, AttributeError):
                    continue
                for args in (
                    (
                        (here,),
                        (here, names),
                        (here, spec),
                        (here, [], grouped),
                        (here, [[]], grouped),
                    )
                    if getattr(function, "_api_model", False)
                    else (
                        (record.ids,),
                        (record.ids, names),
                        (record.ids, spec),
                        (record.ids, {}, [], spec),
                    )
                ):
                    given = args if getattr(function, "_api_model", False) else args[1:]
                    try:
                        inspect.signature(function).bind(None, *given)
                    except TypeError:
                        continue
                    answer, noted = self.asked(model, method, *args)
                    if tells(answer):
                        told.add((model, method))
                        with self.subTest(model=model, method=method, args=args):
                            self.assertTrue(noted)
        self.assertLessEqual(
            {(MESSAGE, "read"), (MESSAGE, "search_read"), ("ir.attachment", "web_read")}, told
        )

    def test_no_field_with_text_is_searched_grouped_or_sorted_by(self):
        """What is in an email can't be guessed at, character by character."""
        for model in (MESSAGE, "ir.attachment"):
            record = self.mine if model == MESSAGE else self.file
            here = [("id", "in", record.ids)]
            if model == "ir.attachment":
                here.append(("res_field", "=", False))
            for name in self.env[model]._fields:
                if not tells(self.asked(model, "read", record.ids, [name])[0]):
                    continue
                for method, args in (
                    ("search_count", ([*here, (name, "like", SECRET[:3])],)),
                    ("search_count", ([*here, "!", (name, "=", "x")],)),
                    ("search", (here, 0, None, name)),
                    ("formatted_read_group", (here, [name], ["__count"])),
                    ("formatted_read_group", (here, [], [f"{name}:array_agg"])),
                    ("formatted_read_group", (here, [], [f"{name}:max"])),
                ):
                    with self.subTest(model=model, field=name, method=method, args=args):
                        answer, _noted = self.asked(model, method, *args)
                        self.assertFalse(answer)
                outer, path, ids = (
                    ("res.partner", "member_mail_message_ids", self.member.ids)
                    if model == MESSAGE
                    else (MESSAGE, "attachment_ids", self.mine.ids)
                )
                domain = [("id", "in", ids), (f"{path}.{name}", "like", SECRET[:3])]
                with self.subTest(model=outer, domain=domain):
                    self.assertFalse(self.asked(outer, "search_count", domain)[0])

    def test_others_texts_and_file_names_are_not_found_by_any_search(self):
        """Whatever a search compares, it finds only what the user may see."""
        for user in ("outsider", "user", "sales", "manager", "system"):
            seen = self.keys(user, SEES)
            for place, message in self.records[MESSAGE].items():
                if place in seen:
                    continue
                mark = self.marks[place]
                for model, domain in (
                    (MESSAGE, [("search_text", "ilike", mark)]),
                    (MESSAGE, [("attachment_ids.name", "ilike", mark)]),
                    (MESSAGE, [("participant_ids.name", "ilike", mark)]),
                    ("res.partner", [("member_mail_message_ids.subject", "ilike", mark)]),
                    ("ir.attachment", [("name", "ilike", mark), ("res_field", "in", [False, "x"])]),
                    ("ir.attachment", [("name", "ilike", mark), ("res_model", "=", MESSAGE)]),
                    ("ir.attachment", [("id", "in", message.attachment_ids.ids)]),
                ):
                    with self.subTest(user=user, place=place, model=model, domain=domain):
                        records = self.env(user=self.users[user])[model]
                        try:
                            found = records.search_count(domain)
                        except AccessError:
                            continue
                        self.assertFalse(found)

    def test_every_relation_to_files(self):
        """Fields of Odoo and other addons through which files are given to others are watched."""
        for name, model in self.env.registry.items():
            for field in model._fields.values():
                if field.comodel_name != "ir.attachment" or not field.store or field.inherited:
                    continue
                with self.subTest(model=name, field=field.name):
                    self.assertTrue(
                        name.startswith("member.mail.")
                        or field.name in self.env[name]._member_mail_file_fields()
                    )

    def test_what_could_not_be_filed_is_not_read_as_a_file(self):
        model = "member.mail.failure"
        for user in ("outsider", "user", "sales", "manager", "system"):
            Attachment = self.env["ir.attachment"].with_user(self.users[user])
            here = [("res_model", "=", model), ("res_field", "=", "raw")]
            try:
                found = Attachment.search(here).mapped("res_id")
            except AccessError:
                found = []
            with self.subTest(user=user):
                expected = self.expected(SEES, user, model)
                self.assertEqual(set(found), set(expected.ids))

    def test_queued_mail_is_not_read_as_a_file(self):
        """System administrators read the queue, but not what is in it."""
        account = self.records["member.mail.account"]["other_team"]
        mail = self.env["mail.mail"].create(
            {
                "subject": "x",
                "member_mail_message_id": self.records[MESSAGE]["other_team"].id,
                "member_mail_source": b64encode(f"Subject: x\r\n\r\n{SECRET}".encode()),
                "mail_server_id": account._outgoing_server().id,
            }
        )
        here = [("res_model", "=", "mail.mail"), ("res_field", "=", "member_mail_source")]
        file = self.env["ir.attachment"].search([*here, ("res_id", "=", mail.id)])
        self.assertTrue(file)
        for user in ("manager", "system"):
            Attachment = self.env["ir.attachment"].with_user(self.users[user])
            for domain in (
                here,
                [("id", "=", file.id)],
                [("res_field", "!=", False), ("res_id", "=", mail.id)],
                [("res_field", "=", "member_mail_source"), ("index_content", "like", SECRET)],
            ):
                for context in ({}, {"skip_res_field_check": True}):
                    with self.subTest(user=user, domain=domain, context=context):
                        try:
                            found = Attachment.with_context(**context).search(domain)
                        except AccessError:
                            continue
                        self.assertNotIn(file.id, found.ids)
            with self.subTest(user=user), self.assertRaises(AccessError):
                file.with_user(self.users[user]).read(["datas"])


@tagged("post_install", "-at_install")
class TestLeaving(audit.AuditCase):
    """An email that leaves a private mailbox leaves a trace, whatever the way."""

    def assert_exported(self):
        self.assertEqual(set(self.noted()), {(self.owner, "export", self.private)})
        self.forget()

    def test_a_copy(self):
        values = {"res_model": "res.partner", "res_id": self.member.id}
        self.call("ir.attachment", "copy", self.file.ids, values)
        self.assert_exported()

    def test_bytes_for_whatever(self):
        self.env.invalidate_all()
        self.assertEqual(self.file.with_user(self.owner).raw, b"secret")
        self.assertEqual(self.noted(), [(self.owner, "open", self.private)])
        self.forget()
        self.env.invalidate_all()
        self.assertTrue(self.file.with_user(self.owner).sudo().datas)
        self.assertEqual(self.noted(), [(self.owner, "open", self.private)], "as superuser, too")

    def test_posted(self):
        self.member.with_user(self.owner).message_post(
            body=Markup("x"), attachment_ids=self.file.ids
        )
        self.assert_exported()

    def test_attached_to_anything(self):
        message = self.member.message_post(body=Markup("x")).with_user(self.owner).sudo()
        files = [Command.link(self.file.id)]
        for make in (
            lambda: self.env["mail.compose.message"].with_user(self.owner).create(
                {"model": "res.partner", "res_ids": str(self.member.ids), "attachment_ids": files}
            ),
            lambda: message.write({"attachment_ids": files}),
            lambda: self.env["mail.mail"].with_user(self.owner).sudo().create(
                {"subject": "x", "attachment_ids": files}
            ),
            lambda: self.env["mail.template"].with_user(self.owner).sudo().create(
                {"name": "x", "model_id": self.env["ir.model"]._get_id("res.partner"),
                 "attachment_ids": files}
            ),
        ):  # fmt: skip
            make()
            self.env.flush_all()
            self.assert_exported()
        message.write({"attachment_ids": files})
        self.assertFalse(self.noted(), "it was attached there before")

    def test_forwarded(self):
        self.private.write({"smtp_host": "smtp.example.com"})
        action = self.call(MESSAGE, "action_answer", self.message.ids, "forward")
        draft = self.env["member.mail.draft"].browse(action["res_id"])
        self.assertEqual(draft.attachment_ids, self.file)
        draft.with_user(self.owner).email_to = "somebody@elsewhere.example"
        draft.with_user(self.owner).with_quote = False
        self.env.flush_all()
        self.noted()
        self.call("member.mail.draft", "action_send", draft.ids)
        self.assertIn((self.owner, "export", self.private), self.noted())

    def test_the_quote(self):
        self.private.write({"smtp_host": "smtp.example.com"})
        action = self.call(MESSAGE, "action_answer", self.message.ids, "reply")
        self.noted()
        self.call("member.mail.draft", "action_send", [action["res_id"]])
        self.assertIn((self.owner, "export", self.private), self.noted())

    def test_a_preview_that_is_all_there_is(self):
        self.message.write({"preview": "Top secret", "body_text": "Top\nsecret\n"})
        second = self.make_message(account=self.private)
        both = self.message.ids + second.ids
        for ask in (
            (MESSAGE, "read", self.message.ids, ["preview"]),
            (MESSAGE, "web_read", self.message.ids, {"preview_shown": {}}),
            ("member.mail.tab", "get_messages", self.message.ids),
        ):
            with self.subTest(ask[1]):
                self.call(*ask)
                self.assertEqual(self.noted(), [(self.owner, "open", self.private)])
                self.forget()
        self.call(MESSAGE, "read", both, ["preview"])
        self.call("member.mail.tab", "get_messages", both)
        self.assertFalse(self.noted(), "a list is for choosing")
        self.message.body_text = "Top secret, and more"
        self.call(MESSAGE, "read", self.message.ids, ["preview"])
        self.assertFalse(self.noted(), "there is more to read")

    def test_searching_by_words_still_works(self):
        for text in ("secret", '"top secret"'):
            domain = [("search_text", "ilike", text)]
            self.assertEqual(self.call(MESSAGE, "search", domain), self.message.ids)

    def test_screens_do_not_offer_what_is_refused(self):
        found = self.call(MESSAGE, "fields_get", ["body", "preview", "subject"])
        for name, offered in (("body", False), ("preview", False), ("subject", True)):
            for key in ("searchable", "sortable", "groupable"):
                self.assertEqual(found[name].get(key, True), offered, (name, key))
