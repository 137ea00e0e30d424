from odoo.http import Stream

#: What a browser may show by itself without harm; anything else is saved to a file.
SHOWN_TYPES = frozenset(
    ("application/pdf", "image/bmp", "image/gif", "image/jpeg", "image/png", "image/webp")
    + ("text/plain",)
)


class EmailFile(Stream):
    """A file that came by email, over HTTP.

    Odoo serves an HTML or SVG file from its own address and under the type that it claims, or that the
    URL claims (``?mimetype=``). The policy against that is a header, which a web server that sends the
    file itself (X-Accel-Redirect) leaves out and which does not cover forms and links: a stranger's
    page would appear under the address of this Odoo.
    """

    @classmethod
    def of(cls, stream):
        """The same file as another Stream, to be saved; one that lies elsewhere stays as it is."""
        return stream if stream.type == "url" else cls(**vars(stream))

    def get_response(self, as_attachment=None, **kwargs):
        """See `Stream.get_response`. Only here is the type certain: callers may change it."""
        kind = kwargs.pop("mimetype", None) or self.mimetype or ""
        kind = kind.partition(";")[0].strip().lower()
        shown = kind in SHOWN_TYPES
        return super().get_response(
            as_attachment=as_attachment if shown else True,
            mimetype=kind if shown else "application/octet-stream",
            **kwargs,
        )
