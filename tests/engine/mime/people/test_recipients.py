"""What people paste and type as recipients: each with its name, and nothing red that is an address."""

import random
import time

import pytest

from crm_member_mail.mailbox.mime.people.recipients import Recipient, recipients

ADA, BO, CY = "ada@member.example", "bo@else.example", "cy@new.example"


def found(text):
    """Pairs of name and address; of what is no address, the text alone."""
    return [(r.name, r.email) if r.valid else r.email for r in recipients(text)]


ONE = ("", ADA)
NAMED = ("Ada Member", ADA)
LAST = ("Member, Ada", ADA)
TWO = [NAMED, ("Bo Else", BO)]
BARE = [("", ADA), ("", BO)]

#: A name for each paste, what is pasted, and what comes of it.
PASTES = {
    # Mail programs.
    "one address": (ADA, [ONE]),
    "gmail": (f"Ada Member <{ADA}>, Bo Else <{BO}>", TWO),
    "gmail, comma at the end": (f"Ada Member <{ADA}>, Bo Else <{BO}>, ", TWO),
    "outlook": (f"Member, Ada <{ADA}>; Else, Bo <{BO}>", [LAST, ("Else, Bo", BO)]),
    "outlook, semicolon at the end": (f"Member, Ada <{ADA}>;", [LAST]),
    "outlook, several semicolons": (f";; Member, Ada <{ADA}>; ; {BO};,", [LAST, ("", BO)]),
    "outlook, without quotes and with commas": (
        f"Member, Ada <{ADA}>, Else, Bo <{BO}>",
        [LAST, ("Else, Bo", BO)],
    ),
    "outlook, a department": (
        f"Member, Ada (Sales) <{ADA}>; {BO}",
        [("Member, Ada (Sales)", ADA), ("", BO)],
    ),
    "outlook, single quotes": (f"'Ada Member' <{ADA}>; 'Bo Else' <{BO}>", TWO),
    "outlook, an address in quotes": (f"'{ADA}' <{ADA}>; '{BO}'", BARE),
    "outlook, square brackets": (f"Ada Member [mailto:{ADA}]; Bo Else [{BO}]", TWO),
    "outlook, a link as text": (f"Ada Member<mailto:{ADA}>; Bo Else<mailto:{BO}>", TWO),
    "outlook, an address and its link": (f"{ADA}<mailto:{ADA}>; {BO}<mailto:{BO}>", BARE),
    "outlook, names without addresses": ("Member, Ada; Else, Bo", ["Member, Ada", "Else, Bo"]),
    "apple": (f'"Member, Ada" <{ADA}>, "Else, Bo" <{BO}>', [LAST, ("Else, Bo", BO)]),
    "a semicolon in a name": (f'"Display; Name" <{ADA}>, {BO}', [("Display; Name", ADA), ("", BO)]),
    "a semicolon between single quotes": (
        f"'Display; Name' <{ADA}>; {BO}",
        [("Display; Name", ADA), ("", BO)],
    ),
    "curly quotes": (
        f"\u201cMember, Ada\u201d <{ADA}>, \u201eElse, Bo\u201c <{BO}>",
        [LAST, ("Else, Bo", BO)],
    ),
    "everything in quotes": (f'"Ada Member <{ADA}>"; "Bo Else <{BO}>"', TWO),
    "addresses in quotes": (f'"{ADA}", "{BO}"', BARE),
    "a quote that is never closed": (f'"Ada Member <{ADA}>; Bo Else <{BO}>', TWO),
    "a quote within a name": (f'Ada "the great" Member <{ADA}>', [('Ada "the great" Member', ADA)]),
    "an escaped quote": (f'"Ada \\"A\\" Member" <{ADA}>', [('Ada "A" Member', ADA)]),
    "an apostrophe": (
        f"Ada O'Neill <{ADA}>; Bo d\u2019Else <{BO}>",
        [("Ada O'Neill", ADA), ("Bo d\u2019Else", BO)],
    ),
    "titles": (
        f"Dr. Ada Member, MSc <{ADA}>, Bo Else <{BO}>",
        [("Dr. Ada Member, MSc", ADA), ("Bo Else", BO)],
    ),
    "an address is the name": (f'"{ADA}" <{ADA}>, {BO} <{BO}>', BARE),
    "another address is the name": (f'"{BO}" <{ADA}>', [(BO, ADA)]),
    "an encoded name": (f"=?utf-8?q?Ada_M=C3=BCller?= <{ADA}>", [("Ada M\u00fcller", ADA)]),
    "a header": (f"To: Ada Member <{ADA}>, Bo Else <{BO}>", TWO),
    "headers": (f"To: Ada Member <{ADA}>\nCc: Bo Else <{BO}>", TWO),
    "a folded header": (f"To: Ada Member\n <{ADA}>,\n\tBo Else <{BO}>", TWO),
    "a German header": (f"An: Ada Member <{ADA}>; Bo Else <{BO}>", TWO),
    "the head of an answer": (
        f"From: Ada Member <{ADA}>\nSent: Monday, March 2, 2026 10:00\nTo: Bo Else <{BO}>\n"
        "Subject: Boats; oars",
        TWO,
    ),
    "a group": (f"Friends: {ADA}, {BO};", BARE),
    "quoted lines": (f"> Ada Member <{ADA}>\n> Bo Else <{BO}>", TWO),
    # Tables.
    "excel, name and address": (f"Ada Member\t{ADA}\r\nBo Else\t{BO}\r\n", TWO),
    "excel, address and name": (f"{ADA}\tAda Member\n{BO}\tBo Else", TWO),
    "excel, two columns of names": (f"Ada\tMember\t{ADA}\nBo\tElse\t{BO}\n", TWO),
    "excel, a column": (f"{ADA}\n{BO}\n\n", BARE),
    "excel, a row": (f"{ADA}\t{BO}", BARE),
    "excel, a headline": (f"Name\tE-Mail\nAda Member\t{ADA}\nBo Else\t{BO}", TWO),
    "excel, numbers and phones": (f"1\tAda Member\t{ADA}\t+49 30 123\n2\tBo Else\t{BO}\t", TWO),
    "excel, somebody without an address": (f"Ada Member\t{ADA}\nCy New\t\n", [NAMED, "Cy New"]),
    "excel, pairs in a row": (f"Ada Member\t{ADA}\tBo Else\t{BO}", TWO),
    "excel, names with commas": (f'Member, Ada\t{ADA}\n"Else, Bo"\t{BO}', [LAST, ("Else, Bo", BO)]),
    "excel, several addresses in a cell": (f'Ada\t"{ADA}; {BO}"\n', BARE),
    "excel, a whole mailbox in a cell": (f"Ada Member <{ADA}>\t+49 30 123", [NAMED]),
    "csv": (f"Ada,Member,{ADA}\nBo,Else,{BO}", TWO),
    "csv, quoted": (f'"Ada Member","{ADA}"\n"Bo Else","{BO}"', TWO),
    "csv with semicolons": (f"Ada Member;{ADA}\nBo Else;{BO}", TWO),
    "csv with a headline": (f"name,email\nAda Member,{ADA}\nBo Else,{BO}", TWO),
    "csv, a headline and one row": (f"Title;Name;E-Mail\nMrs;Ada Member;{ADA}", [NAMED]),
    "a table in markdown": (f"| Ada Member | {ADA} |\n| Bo Else | {BO} |", TWO),
    # Web pages.
    "mailto": (f"mailto:{ADA}", [ONE]),
    "mailto with a subject": (f"MAILTO:{ADA}?subject=Hi%20there&cc={BO}", [ONE]),
    "mailto to several": (f"mailto:{ADA},{BO}?subject=Hi", BARE),
    "mailto with a name": (f"mailto:Ada%20Member%20%3C{ADA}%3E", [NAMED]),
    "markdown": (f"[Ada Member](mailto:{ADA}), [{BO}](mailto:{BO})", [NAMED, ("", BO)]),
    "html": (f'<a href="mailto:{ADA}">Ada Member</a>', [NAMED]),
    "escaped html": (f"Ada Member &lt;{ADA}&gt;", [NAMED]),
    "a label": (f"E-Mail: {ADA}", [ONE]),
    "labels": (f"Email:{ADA} Mail: {BO}", BARE),
    "a name and a colon": (f"Ada Member: {ADA}", [NAMED]),
    "a name and a dash": (f"Ada Member \u2013 {ADA}\nBo Else - {BO}", TWO),
    "a name and brackets": (f"Ada Member ({ADA}), Bo Else ({BO})", TWO),
    "a name in brackets": (f"{ADA} (Ada Member), {BO} (Bo Else)", TWO),
    "a name in front": (f"Ada Member {ADA}, Bo Else {BO}", TWO),
    "a name behind": (f"{ADA} Ada Member, {BO} Bo Else", TWO),
    "a name in front, without separators": (f"Ada Member {ADA} Bo Else {BO}", TWO),
    "a name behind, without separators": (f"{ADA} Ada Member {BO} Bo Else", TWO),
    "names and a comma": (f"Ada Member, {ADA}; Bo Else, {BO}", TWO),
    "names and addresses take turns": (f"Ada Member, {ADA}, Bo Else, {BO}", TWO),
    "addresses and names take turns": (f"{ADA}, Ada Member, {BO}, Bo Else,", TWO),
    "names and colons": (f"Ada Member: {ADA}, Bo Else: {BO}", TWO),
    "a position": (f"Ada Member \u2013 Head of Sales \u2013 {ADA}", [NAMED]),
    "initials": (f"Ada E. Member {ADA}, An Else {BO}", [("Ada E. Member", ADA), ("An Else", BO)]),
    "hours": (f"Support (24h) {ADA}", [("Support (24h)", ADA)]),
    "a link before it": (f"https://x.example/contact {ADA}", [ONE]),
    "labelled lines": (f"Name: Ada Member\nEmail: {ADA}\n\nName: Bo Else\nEmail: {BO}", TWO),
    "indented addresses": (f"Ada Member\n\t{ADA}\nBo Else\n\t{BO}", TWO),
    "names on lines of their own": (f"Ada Member\n{ADA}\n\nBo Else\n{BO}", TWO),
    "a sentence": (f"Please write to {ADA} or {BO} by Monday.", BARE),
    "dots at the end": (f"Ask {ADA}. Or ask {BO}.", BARE),
    "an array": (f'["{ADA}", "{BO}"]', BARE),
    "an array of mailboxes": (f"['Ada Member <{ADA}>', 'Bo Else <{BO}>']", TWO),
    # Blanks and signs.
    "blanks": (f"  {ADA}   {BO} ", BARE),
    "no-break blanks": (f"Ada\u00a0Member\u00a0<{ADA}>;\u00a0Bo Else <{BO}\u00a0>", TWO),
    "what nobody sees": (f"\ufeffAda Member\u200b <\u200b{ADA}\u200b>", [NAMED]),
    "a blank within an address": (f"Ada Member <ada @member.example>; {BO}", [NAMED, ("", BO)]),
    "other line ends": (f"{ADA}\r{BO}\u2028{CY}", [*BARE, ("", CY)]),
    "full-width signs": (
        f"Ada Member\uff1cada\uff20member.example\uff1e\uff1b{BO}\u3001{CY}",
        [NAMED, ("", BO), ("", CY)],
    ),
    "bullets": (f"\u2022 {ADA}\n\u2022 Bo Else <{BO}>\n- {CY}", [ONE, ("Bo Else", BO), ("", CY)]),
    "numbers": (f"1. Ada Member <{ADA}>\n2) Bo Else <{BO}>", TWO),
    "boxes": (f"\u2610 {ADA}\n[x] {BO}", BARE),
    "and": (f"{ADA} and {BO}", BARE),
    "und": (f"Ada Member <{ADA}> und Bo Else <{BO}>", TWO),
    "slashes": (f"{ADA} / {BO}", BARE),
    "bars": (f"Ada Member <{ADA}> | Bo Else <{BO}>", TWO),
    "ampersand": (f"{ADA} & {BO}", BARE),
    "angles alone": (f"<{ADA}><{BO}>", BARE),
    "angles without separators": (f"Ada Member <{ADA}> Bo Else <{BO}>", TWO),
    "an angle that is never closed": (f"Ada Member <{ADA}; Bo Else <{BO}", TWO),
    "doubled angles": (f"Ada Member <<{ADA}>>", [NAMED]),
    "letters of other languages": (
        f"M\u00fcller, J\u00fcrgen <{ADA}>; \u5c71\u7530 \u592a\u90ce <{BO}>; "
        f"\u0418\u0432\u0430\u043d {CY}",
        [
            ("M\u00fcller, J\u00fcrgen", ADA),
            ("\u5c71\u7530 \u592a\u90ce", BO),
            ("\u0418\u0432\u0430\u043d", CY),
        ],
    ),
    "a domain of other letters": (
        "Ada <ada@b\u00fccher.example>",
        [("Ada", "ada@xn--bcher-kva.example")],
    ),
    "no blanks": (f"{ADA},{BO};{CY}", [*BARE, ("", CY)]),
    "signs of other languages": (f"{ADA}\u060c {BO}\u061b {CY}", [*BARE, ("", CY)]),
    "full-width parentheses": (f"\u5c71\u7530\uff08{ADA}\uff09", [("\u5c71\u7530", ADA)]),
    "a sign in a name": (
        f"Ada @ Club <{ADA}>; Bo @else <{BO}>",
        [("Ada @ Club", ADA), ("Bo @else", BO)],
    ),
    # Twice.
    "duplicates": (f"{ADA}, ADA@Member.example; Ada Member <{ADA}>", [NAMED]),
    "the first name stays": (f"Ada Member <{ADA}>; Ada <{ADA}>", [NAMED]),
    # What is no address is told, and nothing else.
    "no address": ("nobody", ["nobody"]),
    "no address among others": (f"{ADA}; nobody; {BO}", [ONE, "nobody", ("", BO)]),
    "no address on a line": (f"{ADA}\nnobody\n{BO}", [ONE, "nobody", ("", BO)]),
    "no address before a comma": (f"nobody, {ADA}", ["nobody", ONE]),
    "no address behind a comma": (f"Ada Member <{ADA}>, nobody", [NAMED, "nobody"]),
    "an address in disguise": (
        "ada[at]member.example, bo(at)else",
        ["ada[at]member.example, bo(at)else"],
    ),
    "half an address": (f"ada@, {BO}", ["ada@", ("", BO)]),
    "two signs": (f"a@b@c.example {BO}", ["a@b@c.example", ("", BO)]),
    "an address cut in two": (f"kai\n@home.example\n{BO}", ["kai", "@home.example", ("", BO)]),
    "csv, somebody without an address": (
        f"Ada,Member,{ADA}\nBo,Else,{BO}\nCy,New,",
        [*TWO, "Cy New"],
    ),
    "no address before a quoted name": (f'nobody, "Ada Member" <{ADA}>', ["nobody", NAMED]),
    "a line of a header alone": ("Date: today", ["Date: today"]),
    "numbers alone": ("123", ["123"]),
    "signs alone": (" ,; \t\n", []),
    "nothing": ("", []),
    "None": (None, []),
}


@pytest.mark.parametrize("name", PASTES)
def test_pastes(name):
    text, expected = PASTES[name]
    assert found(text) == expected


def test_enough_of_them():
    assert len(PASTES) >= 100


def stored(people):
    """Recipients as the field of a draft has them."""
    return "; ".join(f'"{r.name}" <{r.email}>' if r.valid and r.name else r.email for r in people)


@pytest.mark.parametrize("name", PASTES)
def test_what_was_recognised_stays(name):
    people = recipients(PASTES[name][0])
    if not any('"' in person.name for person in people):  # the screen writes another quote
        assert recipients(stored(people)) == people


NAMES = (
    "Ada Member",
    "Member, Ada",
    "Display; Name",
    "a@b.example via List",
    "To: Ada",
    "1. FC",
    "Ada | Club",
    "- Ada",
    "Ada (Sales)",
    "<Ada>",
    "O'Neill",
    "and",
    "[Ada]",
    "\u5c71\u7530",
    "Name\u2022x",
    "mailto:x",
)


@pytest.mark.parametrize("name", NAMES)
def test_names_of_a_draft_stay(name):
    people = (Recipient(name, ADA, True), Recipient("Bo", BO, True), Recipient("", CY, True))
    assert recipients(stored(people)) == people


def test_bounds():
    assert len(recipients(", ".join(f"a{n}@a.example" for n in range(20_000)))) <= 1000
    long = recipients(f"{'x' * 5000} <{ADA}>, {'y' * 5000}")
    assert [len(person.name) for person in long] == [256, 0] and len(long[1].email) <= 256


@pytest.mark.parametrize(
    "unit",
    [
        "@",
        "a@",
        "a@a ",
        "a a@a.example ",
        '"',
        "'",
        "' <",
        "<",
        "<a@",
        "(",
        "((a@a",
        "[",
        "[a@a.b] ",
        ",",
        ";",
        "\t",
        "\n",
        " ",
        "\u00a0",
        "&lt;",
        "mailto:",
        "=?",
        "=?a?q?b?= ",
        "\u201c",
        "a:",
        "a: ",
        "1. ",
        "\u2022",
        "| ",
        '"a@a" ',
        "a,b,a@a.example\n",
        "a\ta@a.example\n",
        "a@a\u00a0.",
        "@a .",
        "\u0416",
        "\\",
        '\\"',
        '"\\',
    ],
)
def test_texts_of_any_length(unit):
    start = time.process_time()
    recipients(unit * (200_000 // len(unit)))
    assert time.process_time() - start < 10  # quadratic time would take minutes


def test_anything():
    pieces = [
        ADA,
        BO,
        "Ada",
        "Member",
        "<",
        ">",
        '"',
        "'",
        ",",
        ";",
        "\n",
        "\t",
        " ",
        "(",
        ")",
        "[",
        "]",
        "@",
        ":",
        "mailto:",
        "\u2022",
        "|",
        "1. ",
        "To:",
        "\\",
        "&lt;",
        "=?utf-8?q?x?=",
        "\u00fc",
    ]
    chance = random.Random(7)
    for _number in range(2000):
        text = "".join(chance.choices(pieces, k=chance.randrange(1, 14)))
        people = recipients(text)
        emails = [person.email for person in people if person.valid]
        assert len(set(emails)) == len(emails), text
        assert all(person.email for person in people), text
        assert ADA not in (person.email for person in people if not person.valid), text
