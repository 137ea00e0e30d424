from odoo import http
from odoo.http import content_disposition, request

from ..mailbox.mime.structure.file_names import eml_name


class MemberMailMessageController(http.Controller):
    @http.route(
        "/member_mail/message/<int(max=2147483647):message_id>/eml",
        type="http",
        auth="user",
        methods=["GET"],
    )
    def eml(self, message_id):
        """An email as a file: the original from the mail server, or else rebuilt from what is filed.

        The transaction writes nothing before the mail server has answered, so it holds no locks while
        it waits.
        """
        message = request.env["member.mail.message"].browse(message_id).exists()
        if not message or not message.has_access("read"):
            raise request.not_found()
        data = message._original_bytes()
        message._note_access("export")
        data = data or message._rebuilt()
        return request.make_response(
            data,
            [
                ("Content-Type", "message/rfc822"),
                ("Content-Disposition", content_disposition(eml_name(message.subject))),
                ("X-Content-Type-Options", "nosniff"),
                ("Cache-Control", "private, no-store"),
            ],
        )
