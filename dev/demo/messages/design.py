"""HTML that looks like real mail: a newsletter's frame and a signature."""

from html import escape


def card(title, paragraphs, *, picture="", button=None, colour="#14506e", footer=""):
    """An email in a coloured frame, laid out with tables as mail still is.

    :param picture: address of a banner (``cid:…`` or ``https://…``)
    :param button: pair of label and address
    """
    parts = [f'<p style="margin:0 0 14px;line-height:1.5">{text}</p>' for text in paragraphs]
    if picture:
        parts.insert(
            0, f'<img src="{picture}" alt="{escape(title)}" width="480" style="width:100%">'
        )
    if button:
        label, address = button
        parts.append(
            f'<p><a href="{address}" style="background:{colour};color:#fff;padding:10px 22px;'
            f'border-radius:4px;text-decoration:none;display:inline-block">{escape(label)}</a></p>'
        )
    return (
        '<!DOCTYPE html><html><head><meta charset="utf-8"><style>body{margin:0}</style></head>'
        '<body style="background:#eef3f6;font-family:Helvetica,Arial,sans-serif;color:#223">'
        '<table role="presentation" width="100%" cellspacing="0"><tr><td align="center">'
        '<table role="presentation" width="560" style="background:#fff;margin:24px;'
        'border-radius:6px;overflow:hidden">'
        f'<tr><td style="background:{colour};color:#fff;padding:18px 28px;font-size:20px">'
        f'{escape(title)}</td></tr><tr><td style="padding:24px 28px">{"".join(parts)}</td></tr>'
        f'<tr><td style="padding:14px 28px;font-size:12px;color:#789">{footer}</td></tr>'
        "</table></td></tr></table></body></html>"
    )


def signed(paragraphs, name, role, *, logo=""):
    """A plain letter with a signature; ``logo`` is the Content-ID of the sender's logo."""
    picture = (
        f'<td style="padding-right:12px"><img src="cid:{logo}" width="48" alt=""></td>'
        if logo
        else ""
    )
    text = "".join(f"<p>{part}</p>" for part in paragraphs)
    return (
        f'<html><body><div style="font-family:Georgia,serif;font-size:15px">{text}</div>'
        '<table style="border-top:1px solid #ccd;font:13px Arial,sans-serif;color:#456">'
        f"<tr>{picture}<td><b>{escape(name)}</b><br>{escape(role)}</td></tr></table></body></html>"
    )


def quoted(author, text):
    """An earlier letter as a mail program quotes it."""
    return f'<div>{escape(author)} wrote:</div><blockquote type="cite">{escape(text)}</blockquote>'
