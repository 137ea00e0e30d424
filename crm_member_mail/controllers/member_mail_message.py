import re

from odoo import http
from odoo.http import content_disposition, request

#: What no file system or shell should meet in a name, and what turns the direction of text around.
_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f-\x9f\ud800-\udfff]')
_INVISIBLE = re.compile("[\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff]")
#: Names that Windows keeps for devices, whatever their extension.
_DEVICE = re.compile(
    r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3])(?:\..*)?", re.I
)

#: Bytes of a name, so that it fits into a folder whatever is added.
_NAME_BYTES = 180


class MemberMailMessageController(http.Controller):
    @http.route(
        "/member_mail/message/<int(max=2147483647):message_id>/eml",
        type="http",
        auth="user",
        methods=["GET"],
    )
    def eml(self, message_id):
        """An email as a file: the original of the mail server, or else made of what is filed.

        The transaction writes nothing before the mail server has answered, so it holds no lock while
        that is asked.
        """
        message = request.env["member.mail.message"].browse(message_id).exists()
        if not message or not message.has_access("read"):
            raise request.not_found()
        data = message._original_bytes() or message._rebuilt()
        message._note_access("export")
        return request.make_response(
            data,
            [
                ("Content-Type", "message/rfc822"),
                ("Content-Disposition", content_disposition(eml_name(message.subject))),
                ("X-Content-Type-Options", "nosniff"),
                ("Cache-Control", "private, no-store"),
            ],
        )


def eml_name(subject):
    """A file name for an email of that subject, safe on every system."""
    name = " ".join(_UNSAFE.sub("_", _INVISIBLE.sub("", subject or "")).split())
    name = name.encode("utf-8")[:_NAME_BYTES].decode("utf-8", "ignore").strip(" .~-")
    if not name.strip("_") or _DEVICE.fullmatch(name):
        name = f"message {name}".strip(" _")
    return f"{name}.eml"
