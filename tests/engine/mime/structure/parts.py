"""Emails made of parts, for tests."""


def multipart(*parts, kind="mixed", boundary="b"):
    """A multipart of parts, which are bytes from their header on."""
    mark = b"--" + boundary.encode()
    head = f"Content-Type: multipart/{kind}; boundary={boundary}\r\n\r\n".encode()
    return head + b"".join(mark + b"\r\n" + part + b"\r\n" for part in parts) + mark + b"--\r\n"


def part(head, body=b"x"):
    """A part, of the lines of its header after ``Content-``."""
    lines = "".join(f"Content-{line}\r\n" for line in head.splitlines())
    return lines.encode() + b"\r\n" + body


HELLO = part("Type: text/plain; charset=utf-8", b"Hello")
PDF = b"%PDF-1.4\n\xff\x00"


def files(parsed):
    """The names, types and contents of files."""
    return [(file.filename, file.content_type, file.data) for file in parsed.attachments]
