"""Texts that are packed in the database (:mod:`.fields`). Packing needs no records, so readers do it
before an email is filed."""

import zlib

#: What bodies and headers have in common. What is packed can't be read without it: another one needs
#: another mark.
_WORDS = (
    b'</p><p style="margin: 0cm; font-size: 11pt; font-family: Calibri, sans-serif;"><span style="color:'
    b' rgb(0, 0, 0); background-color:"></span></p><table border="0" cellpadding="0" cellspacing="0" '
    b'width="100%" style="border-collapse: collapse;"><tbody><tr><td align="center" valign="top" '
    b'style="padding: 0px;"><img src="/web/image/" alt="" width="1" height="1"></td></tr></tbody>'
    b"</table>"
    b'<div style="text-align: left; line-height: 1.5; text-decoration: none; font-weight: bold; '
    b'display: block;"></div><ul><li></li></ul><strong></strong><blockquote data-o-mail-quote="1" '
    b'type="cite"></blockquote><div dir="ltr" class="gmail_quote"></div><br>\n<a href="https://www.'
    b'.com/" target="_blank" rel="noopener noreferrer nofollow"></a>'
    b"X-Spam-Status: No, score=X-Mailer: Microsoft Outlook 16.0\nThread-Index: \nThread-Topic: "
    b"X-MS-Exchange-Organization-AuthSource: X-MS-Has-Attach: X-Google-DKIM-Signature: v=1; "
    b"X-Gm-Message-State: X-Google-Smtp-Source: X-Received: by 2002:a05:6402:"
    b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\nList-Unsubscribe: <https://List-Id: <"
    b"Auto-Submitted: auto-generated\nPrecedence: bulk\nUser-Agent: Mozilla Thunderbird\n"
    b"ARC-Authentication-Results: i=1; ARC-Message-Signature: i=1; a=rsa-sha256; ARC-Seal: i=1; "
    b"Authentication-Results: mx.google.com; dkim=pass header.i=@ header.s=s=20230601; "
    b"spf=pass (google.com: domain of designates as permitted sender) smtp.mailfrom=; "
    b"dmarc=pass (p=NONE sp=QUARANTINE dis=NONE) header.from=\nReceived-SPF: pass (client-ip=; "
    b"Return-Path: <\nDelivered-To: \nReceived: from mail.outbound.protection.outlook.com ([10. "
    b"(EHLO localhost [127.0.0.1]) by smtp.mx. (Postfix) with ESMTPS id "
    b"(version=TLS1_3 cipher=TLS_AES_256_GCM_SHA384 bits=256/256) for <; "
    b"Mon, Tue, Wed, Thu, Fri, Sat, Sun, Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec 2026 "
    b"+0000 (UTC) +0100 (CET) -0700 (PDT)\nDKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; "
    b"d=.com; s=selector1; h=from:to:subject:date:message-id:mime-version:content-type; bh=; b="
    b"References: <\nIn-Reply-To: <\nReply-To: \nSender: \nDate: \nFrom: \nTo: \nCc: \nSubject: Re: "
    b"Message-ID: <@mail.gmail.com>\nMIME-Version: 1.0\nContent-Transfer-Encoding: quoted-printable"
    b'\nContent-Type: text/plain; charset="utf-8"\nContent-Type: multipart/alternative; boundary="'
)
#: The first byte of what is packed: the version of the words, which begins no UTF-8.
_MARK = b"\x81"


def packed(text):
    """A text as bytes, for `unpacked`."""
    data = text.encode("utf-8", "replace")
    coder = zlib.compressobj(6, zlib.DEFLATED, -15, 8, zlib.Z_DEFAULT_STRATEGY, _WORDS)
    return _MARK + coder.compress(data) + coder.flush()


def unpacked(data):
    """The text of bytes that `packed` made, or that are UTF-8."""
    if data[:1] == _MARK:
        data = zlib.decompressobj(-15, _WORDS).decompress(data[1:])
    return data.decode("utf-8", "replace")


class Packed(str):
    """A text that is packed already, as ``data``."""

    @classmethod
    def of(cls, text):
        """A text (str), packed."""
        self = cls(text)
        self.data = packed(text)
        return self
