import base64
import re
from urllib.parse import parse_qs, unquote_to_bytes, urlsplit

from odoo.exceptions import AccessError
from odoo.tools import consteq, file_open

from ...mailbox.html.viewer import IMAGE_TYPES
from ...mailbox.mime.compose import OutgoingFile, make_message_id
from ...mailbox.mime.structure.kinds import of_bytes

#: A file of this Odoo, and its id; a picture in a field of a record; a file of an addon.
OWN_FILE = re.compile(r"/web/(?:image|content)/(\d{1,18})(?![\w.])")
_OWN_FIELD = re.compile(
    r"/web/image/([a-z_]{1,60}\.[a-z_.]{1,60})/(\d{1,18})/([a-z0-9_]{1,60})(?![\w.])"
)
_STATIC = re.compile(r"/(\w{1,60}/static/[\w./-]{1,200})")
#: RFC 2397: a type, parameters, and the content.
_DATA_IMAGE = re.compile(r"data:(image/[a-z0-9+.-]+)((?:;[^;,]*)*),(.*)", re.DOTALL | re.IGNORECASE)


class OutgoingPictures:
    """The pictures in the text of one email that a draft becomes.

    :param draft: a `member.mail.draft`
    :ivar files: the OutgoingFiles, in the order in which they are met
    """

    def __init__(self, draft):
        self.draft, self.env = draft, draft.env
        self.own = urlsplit(draft.get_base_url()).netloc
        self._addresses, self._of_bytes = {}, {}

    @property
    def files(self):
        return list(self._of_bytes.values())

    def address(self, source):
        """What stands for a picture's address in the email: see `outgoing`."""
        if source not in self._addresses:
            self._addresses[source] = self._address(source)
        return self._addresses[source]

    def _address(self, source):
        try:
            parts = urlsplit("" if source[:5].lower() == "data:" else source)
        except ValueError:
            return None
        if parts.netloc and parts.netloc != self.own:
            return source if parts.scheme in ("http", "https", "") else None
        if parts.scheme not in ("http", "https", "") and not parts.netloc:
            return None
        found = self._from_data(source) or self._from_odoo(parts)
        if not found:
            return None
        name, kind, data = found
        kind = kind.partition(";")[0].lower().replace("/jpg", "/jpeg")
        if kind not in IMAGE_TYPES and kind != "image/svg+xml":
            return None
        if data not in self._of_bytes:
            cid = make_message_id(self.draft.email_from.rpartition("@")[2]).strip("<>")
            name = name or f"image{len(self._of_bytes) + 1}"
            self._of_bytes[data] = OutgoingFile(name, kind, data, cid)
        return f"cid:{self._of_bytes[data].content_id}"

    @staticmethod
    def _from_data(source):
        match = _DATA_IMAGE.fullmatch(source)
        if not match:
            return None
        data = unquote_to_bytes(match[3])
        if match[2].lower().endswith(";base64"):
            try:
                data = base64.b64decode(data)
            except ValueError:
                return None
        return "", match[1], data

    def _from_odoo(self, parts):
        """A picture of this Odoo, which nobody elsewhere could load: name, type and bytes.

        What the writer may read is told by its path alone. An address with a host in it may be what a
        stranger wrote into a quoted email, and would get them our files; of these only what anybody may
        see is taken.
        """
        if match := OWN_FILE.match(parts.path):
            file = self.env["ir.attachment"].browse(int(match[1])).exists()
            if not file or not self._may_send(file, parts):
                return None
            file.sudo(False)._note_member_mail_access("export")
            file = file.sudo()
            return file.name, file.mimetype or "", self.draft._bytes_of(file)
        if match := _STATIC.fullmatch(parts.path):
            try:
                with file_open(
                    match[1], "rb", filter_ext=(".png", ".jpg", ".jpeg", ".gif", ".webp")
                ) as file:
                    data = file.read()
            except (OSError, ValueError):
                return None
            return match[1].rpartition("/")[2], of_bytes(data), data
        if not parts.netloc and (match := _OWN_FIELD.match(parts.path)):
            return self._from_field(*match.groups())
        return None

    def _may_send(self, file, parts):
        token = (parse_qs(parts.query).get("access_token") or [""])[0]
        own = file.sudo()
        if own.public or (own.access_token and consteq(own.access_token, token)):
            return True
        return not parts.netloc and file.has_access("read")

    def _from_field(self, model, id_, name):
        if model not in self.env or self.env[model]._abstract:
            return None
        field = self.env[model]._fields.get(name)
        record = self.env[model].browse(int(id_)).exists()
        if not record or not field or field.type != "binary":
            return None
        try:
            record.check_access("read")
            data = base64.b64decode(record.with_context(bin_size=False)[name] or b"")
        except (AccessError, ValueError):
            return None
        return ("", of_bytes(data), data) if data else None
