from ..mailbox.desk import Filed
from ..mailbox.mime.message import parse
from ..mailbox.types import RawMessage, Summary
from .filing_case import FilingCase

HEADER = """\
Delivered-To: office@club.example
Received: from mx.else.example by mail.club.example with ESMTPS; Mon, 5 Jan 2026 10:00:00 +0000
Authentication-Results: mail.club.example; dmarc={result}
\theader.from=members.example
DKIM-Signature: v=1; d=members.example; b=xyz
X-Odd: =?utf-8?q?caf=C3=A9?=
From: {sender}
To: office@club.example,
\tÖtzi <oetzi@members.example>
Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe=3A?= the budget
Date: Mon, 5 Jan 2026 10:00:00 +0000
Message-ID: <{number}@members.example>
MIME-Version: 1.0
"""

BODY = """\
Content-Type: multipart/mixed; boundary=m

--m
Content-Type: multipart/related; boundary=r

--r
Content-Type: multipart/alternative; boundary=a

--a
Content-Type: text/plain; charset=utf-8

Grüße, Ada
--a
Content-Type: text/html; charset=utf-8

<p>Grüße, <b>Ada</b> <img src="cid:logo@x"></p>
--a--
--r
Content-Type: image/png
Content-ID: <logo@x>
Content-Disposition: inline; filename=logo.png

PNG
--r--
--m
Content-Type: application/pdf
Content-Disposition: attachment; filename*=utf-8''Pl%C3%A4ne.pdf

PDF
--m
Content-Type: message/rfc822

Subject: Inner

Inside.
--m--
"""


class SourceCase(FilingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.numbers = iter(range(1, 100))

    @classmethod
    def raw(cls, sender="Ada <ada@member.example>", result="pass", body=BODY):
        header = HEADER.format(sender=sender, result=result, number=next(cls.numbers))
        return (header + body).replace("\n", "\r\n").encode()

    @classmethod
    def filed(cls, data, folder=None):
        uid, message = next(cls.numbers), parse(data)
        summary = Summary(uid, len(data), None, message.message_id, message.header_digest)
        return cls.file(Filed(summary, RawMessage(uid, data), message), folder=folder)
