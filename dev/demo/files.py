"""Small real files for the demo mail, made in code: PNG, PDF, CSV, an invitation, a winmail.dat."""

import struct
import zlib


def png(width, height, colour):
    """A PNG picture; ``colour(x, y)`` gives the (red, green, blue) of each pixel."""
    rows = b"".join(
        b"\0" + bytes(part for x in range(width) for part in colour(x, y)) for y in range(height)
    )

    def chunk(kind, data):
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows, 9))
        + chunk(b"IEND", b"")
    )


def logo(size=96, sea=(20, 90, 130), sky=(235, 244, 248), sun=(240, 160, 60)):
    """A sun over the sea in a round badge."""
    middle = size / 2

    def colour(x, y):
        if (x - middle) ** 2 + (y - middle) ** 2 > (middle - 2) ** 2:
            return (255, 255, 255)
        wave = middle + 6 + 3 * (abs((x % 24) - 12) / 6 - 1)
        if y > wave:
            return sea if int(y - wave) % 12 > 2 else tuple(min(part + 40, 255) for part in sea)
        return sun if (x - middle) ** 2 + (y - middle + 10) ** 2 < (size / 5) ** 2 else sky

    return png(size, size, colour)


def picture(width=480, height=200, top=(250, 200, 150), bottom=(30, 80, 120)):
    """The harbour at dusk: a gradient with masts."""

    def colour(x, y):
        share = y / height
        if y > height * 0.45 and x % 60 in (20, 21) and y < height * 0.85:
            return (40, 40, 50)
        return tuple(int(a + (b - a) * share) for a, b in zip(top, bottom, strict=True))

    return png(width, height, colour)


def pdf(title, lines):
    """A PDF of one page with a title and lines of Latin text."""

    def escaped(text):
        return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")

    text = [f"BT /F2 20 Tf 60 770 Td ({escaped(title)}) Tj ET"]
    text += [
        f"BT /F1 11 Tf 60 {730 - 18 * number} Td ({escaped(line)}) Tj ET"
        for number, line in enumerate(lines)
    ]
    stream = "\n".join(text).encode("cp1252")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R /F2 6 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
    ]
    result, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(result))
        result += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(result)
    result += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    result += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return result + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        start,
    )


def csv(rows):
    """A CSV file as spreadsheets write it: UTF-8 with a byte order mark, CRLF."""
    return ("\ufeff" + "".join(",".join(row) + "\r\n" for row in rows)).encode()


def invitation(uid, start, end, summary, place, organizer, attendee):
    """An iCalendar REQUEST (RFC 5546). ``start`` and ``end`` are datetimes in UTC."""
    stamp = "%Y%m%dT%H%M%SZ"
    lines = (
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Harbour Club//demo//EN", "METHOD:REQUEST",
        "BEGIN:VEVENT", f"UID:{uid}", f"DTSTAMP:{start:{stamp}}", f"DTSTART:{start:{stamp}}",
        f"DTEND:{end:{stamp}}", f"SUMMARY:{summary}", f"LOCATION:{place}",
        f"ORGANIZER:mailto:{organizer}", f"ATTENDEE;RSVP=TRUE:mailto:{attendee}",
        "END:VEVENT", "END:VCALENDAR", "",
    )  # fmt: skip
    return "\r\n".join(lines).encode()


def winmail(subject, name, data):
    """A winmail.dat (MS-OXTNEF) that carries the file ``name`` holding ``data``."""

    def attribute(level, number, value):
        head = struct.pack("<BII", level, number, len(value))
        return head + value + struct.pack("<H", sum(value) & 0xFFFF)

    message, attachment = 1, 2
    return (
        struct.pack("<IH", 0x223E9F78, 1)
        + attribute(message, 0x00089006, struct.pack("<I", 0x00010000))  # attTnefVersion
        + attribute(message, 0x00069007, struct.pack("<II", 1252, 0))  # attOemCodepage
        + attribute(message, 0x00078008, b"IPM.Microsoft Mail.Note\0")  # attMessageClass
        + attribute(message, 0x00018004, subject.encode("cp1252") + b"\0")  # attSubject
        + attribute(attachment, 0x00069002, struct.pack("<HIHHI", 1, 0xFFFFFFFF, 0, 0, 0))
        + attribute(attachment, 0x00018010, name.encode("cp1252") + b"\0")  # attAttachTitle
        + attribute(attachment, 0x0006800F, data)  # attAttachData
    )
