"""Mail of and to people who are no contacts. None of it may enter the database."""

from .. import files
from ..people import ADA, STRANGERS, US, VIKTOR

#: Stands in the text of every one of these letters, and nowhere else.
MARKER = "barnacle-strangers-only"

SUBJECTS = {
    "freelancer": "Is there a waiting list?",
    "parcel": "Your parcel GX-9912 arrives today",
    "sales": "10x your pipeline, quick call?",
    "landlord": "Chimney sweep on Tuesday",
    "lookalike": "My new account number",
    "lottery": "YOU HAVE WON 4,500,000",
    "school": "Visit of class 4b",
    "press": "Interview about the old harbour",
    "bank": "Your monthly statement",
    "florist": "Order 118: tulips",
}


def write(writer):
    """Write all letters of this module."""
    for number, (who, subject) in enumerate(SUBJECTS.items()):
        writer.received(
            f"stranger-{who}", STRANGERS[who], subject,
            f"Hello,\n\nthis is about: {subject}\n\n{MARKER}\n",
            days=2 + 2 * number, at=f"{6 + number:02}:11", flags=("\\Seen",) if number % 3 else (),
        )  # fmt: skip
    writer.received(
        "stranger-statement", STRANGERS["bank"], "Your statement as a file", f"{MARKER}\n",
        html=f"<p>{MARKER}</p><img src='cid:seal'>", pictures={"seal": files.logo(48)},
        files={"statement.pdf": ("application/pdf", files.pdf("Statement", [MARKER]))},
        days=5, at="03:03", flags=("\\Flagged",),
    )  # fmt: skip
    # An impostor writes a member's name into the display name only.
    writer.received(
        "stranger-impostor", '"Ada Lindqvist (ada.lindqvist@fjordmail.example)" <ada@evil.example>',
        "Quick favour", f"Are you at your desk? {MARKER}\n", days=4, at="22:40",
    )  # fmt: skip
    # A member is only among those who got a stranger's newsletter: it is the stranger's.
    writer.received(
        "stranger-newsletter", STRANGERS["press"], "Harbour news", f"{MARKER}\n",
        to=f"{US}, {ADA}", headers={"Precedence": "bulk"}, days=6, at="12:12",
    )  # fmt: skip
    writer.sent(
        "sent-freelancer", STRANGERS["freelancer"], "Re: Is there a waiting list?",
        f"There is, you are number four. {MARKER}\n", answers="stranger-freelancer",
        days=1, at="09:00",
    )  # fmt: skip
    writer.sent(
        "sent-florist", STRANGERS["florist"], "Tulips", f"Thirty red ones, please. {MARKER}\n",
        days=20, at="09:00",
    )  # fmt: skip
    # Archived contacts are no contacts any more.
    writer.received(
        "viktor-back", VIKTOR, "My old locker", f"There was an umbrella in it. {MARKER}\n",
        days=7, at="14:14",
    )  # fmt: skip
    writer.sent(
        "viktor-answer", VIKTOR, "Re: My old locker", f"It waits at the desk. {MARKER}\n",
        answers="viktor-back", days=7, at="15:00",
    )  # fmt: skip
