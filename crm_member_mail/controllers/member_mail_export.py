import tempfile

from werkzeug.wsgi import FileWrapper

from odoo import http
from odoo.http import Response, content_disposition, request


class MemberMailExportController(http.Controller):
    @http.route(
        "/member_mail/export/<int(max=2147483647):export_id>",
        type="http",
        auth="user",
        methods=["GET"],
    )
    def export(self, export_id):
        """The file of one of the user's `member.mail.export` records.

        It is written to disk, however large it is, before the first byte is sent, because half a file
        would look like a whole one.
        """
        export = request.env["member.mail.export"].browse(export_id).exists()
        if not export or not export.has_access("read"):
            raise request.not_found()
        # It has no name and disappears when it is closed, with the response or with the error.
        file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
        try:
            export._write(file)
        except BaseException:
            file.close()
            raise
        size = file.tell()
        file.seek(0)
        name, content_type = export._file()
        return Response(
            FileWrapper(file, 64 * 1024),
            headers=[
                ("Content-Type", content_type),
                ("Content-Length", str(size)),
                ("Content-Disposition", content_disposition(name)),
                ("X-Content-Type-Options", "nosniff"),
                ("Cache-Control", "private, no-store"),
            ],
            direct_passthrough=True,
        )
