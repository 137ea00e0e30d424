"""Which emails belong together, as far as headers tell."""

import base64
import re
import time

import pytest

from crm_member_mail.mailbox.mime.message import parse
from crm_member_mail.mailbox.mime.message_ids import is_telling
from crm_member_mail.mailbox.mime.thread import plain_subject, thread_index

#: What mail programs write where they have no Message-ID.
PLACEHOLDERS = """
<blank@x.example> <nomsgid@x.example> <noMessageId@x.example> <NotSet@x.example> <noreply@x.example>
<> <null> <undefined> <0> <unknown> <none> <nil> <NaN> <-1> <n/a> <empty> <no-message-id> <Null>
<message-id-not-set@mail.example> <null@relay.example> <undefined@web.example> <0@shop.example>
<00000000-0000-0000-0000-000000000000@app.example> <00000000000000000000000000000000>
<[object Object]> <[objectObject]> <$MESSAGE_ID> <%MESSAGE-ID%@x.example>
<{{message_id}}@x.example> <${messageId}@x.example> <message-id> <messageid@x.example> <(null)>
<@x.example> <no_id@x.example> <missing> <test> <abc> <placeholder@x.example> <string>
<....@x.example> <null.null@null> <(none)> <your-message-id-here@x.example> <Message-ID: null>
<id> <not-available@x.example>
"""

TELLING = """
<7@shop.example> <a@b.example> <reply@b.example> <message@b.example> <CAJ+8x=Q@mail.gmail.example>
<20260105.1000@printer.example>
<0100019a-7d3f-4a00-9f5e-2f1a7c1b7c11-000000@email.amazonses.example> <01DA4B2C9F7E6A5B4C3D2E1F>
<20260105100000.GA4711> <unknown-7f3a9@relay.example>
<AM0PR04MB1234.eurprd04.prod.outlook.example> <null-4711-2026@relay.example>
"""


@pytest.mark.parametrize("message_id", re.findall(r"<.*?>(?=\s)", PLACEHOLDERS))
def test_a_placeholder_tells_nothing(message_id):
    assert not is_telling(message_id)


@pytest.mark.parametrize("message_id", TELLING.split())
def test_a_real_message_id_tells(message_id):
    assert is_telling(message_id)


def test_nothing_is_no_message_id():
    assert not is_telling("")
    assert not is_telling(None)


#: Prefixes of answers, as programs in many languages write them.
ANSWERS = """
Re: | RE: | re : | Re[2]: | Re(3): | Re^2: | Re-2: | RE2: | Re： | AW: | Aw : | Antw: | Antwort:
SV: | Sv: | Vs: | VS: | RIF: | Rif: | R: | RES: | Resp: | Odp: | ODP: | Ynt: | YNT: | Yan: | Cvp:
Vá: | Válasz: | BLS: | Balas: | ΑΠ: | Απ: | Ang: | Отв: | Ответ: | Відп: | Отг: | 回复: | 回复：
回覆: | 答复: | 答覆： | 返信: | 回信: | 답장: | 회신: | תשובה: | השב: | رد: | پاسخ: | ตอบ:
Trả lời: | Odg: | Odpověď: | Räsp: | Răspuns: | Antwoord: | Atb: | Ats: | Automatic reply:
Automatische Antwort: | Réponse automatique : | Respuesta automática: | Risposta automatica:
Automatisch antwoord: | Autosvar: | 自動応答: | 自动答复: | Автоматический ответ: | Out of Office:
Abwesenheitsnotiz: | [EXT] Re: | Re: [EXT] | [EXTERN] AW: | EXTERNAL: Re: | ***SPAM*** Re:
[choir] Re: | Re: [choir] | Re: Re: AW: | Re: Fwd: | AW: WG: | {Spam?} Re:
[Choir Members] Re: [EXT] | (EXT) Re: | Extern: AW: | Antw.: | Odp.: | Ats.: | Réf : | Réf. :
ΣΧΕΤ: | TL: | תגובה: | Re*2: | *EXT* Re: | <EXT> Re: | !EXT! AW: | External Sender: Re: | ⚠ Re:
⚠️ [EXTERNAL] Re: | AW: İLT: | Απ: ΠΡΘ:
"""


@pytest.mark.parametrize("prefix", re.split(r"\s*[|\n]\s*", ANSWERS.strip()))
def test_the_prefix_of_an_answer_is_no_part_of_the_subject(prefix):
    assert plain_subject(f"{prefix} Spring concert") == ("spring concert", True)


@pytest.mark.parametrize(
    "subject",
    [
        "Spring concert",
        "[EXT] Spring concert",
        "[EXTERN]Spring  Concert",
        "[External email] Spring concert",
        "[Choir] Spring concert",
        "EXTERN: Spring concert",
        "Spring concert [EXT]",
        "Fwd: Spring concert",
        "WG: Spring concert",
        "TR : Spring concert",
        "Fwd: Re: Spring concert",
        "转发: Spring concert",
        "轉發: Spring concert",
        "İLT: Spring concert",
        "İlt: Spring concert",
        "ilt: Spring concert",
        "ΠΡΘ: Spring concert",
        "TRS: Re: Spring concert",
        "FS: Spring concert",
        "הועבר: Spring concert",
        "Chuyển tiếp: Spring concert",
        "Proslijeđeno: Spring concert",
        "Vidarebefordrat: Spring concert",
        "Forwarded: Spring concert",
        "Fwd.: Spring concert",
        "\u200bSpring\xa0concert",
        "*****SPAM***** Spring concert",
    ],
)
def test_other_additions_make_no_answer_of_it(subject):
    assert plain_subject(subject) == ("spring concert", False)


@pytest.mark.parametrize(
    "subject",
    [
        "", None, "Re:", "AW: WG:", "[EXT]", "Re: [EXT] ", "  ", "Re: ***", "[choir]", "(no subject)",
        "Re: (no subject)", "AW: <kein Betreff>", "No Subject", "RE: [sans objet]", "Re: (без темы)",
        "回复: (无主题)", "Re: 件名なし", "SV: (Inget ämne)", "YNT: (konu yok)",
    ],
)  # fmt: skip
def test_what_has_no_subject_has_no_plain_one(subject):
    assert plain_subject(subject)[0] == ""


@pytest.mark.parametrize(
    "one, other",
    [
        ("Re: [#4711] Broken chair", "Re: [#4712] Broken chair"),
        ("[Ticket 12] Chair", "[Ticket 13] Chair"),
        ("Rent 2025", "Rent 2026"),
        ("Reminder: dues", "dues"),
        ("Result: final", "Final"),
        ("Concert: programme", "Programme"),
    ],
)
def test_subjects_that_differ_stay_different(one, other):
    assert plain_subject(one)[0] != plain_subject(other)[0]


def test_a_plain_subject_is_short_and_found_in_no_time():
    started = time.process_time()
    for hostile in ("Re:" * 300, "[a]" * 300, "[" * 998, "Re" + " " * 990, "*" * 998, "é" * 998):
        assert len(plain_subject(hostile)[0]) <= 128
    assert time.process_time() - started < 1


_GUID = bytes(range(1, 23))


def test_answers_have_the_thread_index_of_the_email_that_they_answer():
    first = base64.b64encode(_GUID)
    answer = base64.b64encode(_GUID + b"child")
    assert thread_index(first) == thread_index(answer) != ""
    assert thread_index(first) == thread_index(b" " + first[:10] + b"\r\n " + first[10:])


@pytest.mark.parametrize(
    "value", [b"", None, b"AQ==", b"null", b"!!!!", base64.b64encode(bytes(22)), b"A" * 100_000]
)
def test_a_thread_index_that_names_no_thread(value):
    assert thread_index(value) == ""


def test_the_thread_index_of_an_email():
    value = base64.b64encode(_GUID).decode()
    assert parse(f"Thread-Index: {value}\r\n\r\nHello".encode()).thread_index == thread_index(value)
    assert parse(b"Subject: Hello\r\n\r\nHello").thread_index == ""
