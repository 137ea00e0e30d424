"""The members' everyday mail: a long exchange, bookings, invoices, a signature with a logo."""

from .. import files
from ..people import ADA, BRUNO, JONAS, MEILING, RAMANS, TIDEWATER, US
from .design import card, quoted, signed

OUR_SIGNATURE = ("Harbour Club", "3 Capstan Yard, Portwell · open 7:00 to 22:00")


def write(writer):
    """Write all letters of this module."""
    _adas_membership(writer)
    _tidewater(writer)
    _neighbours(writer)


def _adas_membership(w):
    """A reply chain: from a first question to a signed contract."""
    ours = {"contacts": ("ada",)}
    w.received(
        "ada-question", ADA, "A desk by the window?",
        "Hello!\n\nI draw children's books and my kitchen table has become too small. Do you have\n"
        "a fixed desk with daylight, and may I bring a drawing table (120 x 80 cm)?\n\n"
        "Ada Lindqvist\n",
        days=26, at="08:12", **ours,
    )  # fmt: skip
    w.sent(
        "ada-offer", ADA, "Re: A desk by the window?",
        "Dear Ada,\n\n"
        "desk 14 is free: north light, your drawing table fits. Fixed desks are 240 a\n"
        "month. The price list is attached. Come and see it any day after nine.\n\nHarbour Club\n",
        html=signed(
            ["Dear Ada,",
             "desk <b>14</b> is free: north light, your drawing table fits. Fixed desks are "
             "240 a month. The price list is attached. Come and see it any day after nine."],
            *OUR_SIGNATURE, logo="club-logo",
        ) + quoted("Ada Lindqvist", "Do you have a fixed desk with daylight?"),
        pictures={"club-logo": files.logo()},
        files={"price-list.pdf": ("application/pdf", files.pdf("Harbour Club: price list", [
            "Day ticket: 18", "Flexible desk: 160 a month", "Fixed desk: 240 a month",
            "Meeting room: 15 an hour"]))},
        answers="ada-question", days=26, at="09:40", **ours,
    )  # fmt: skip
    w.received(
        "ada-visit", ADA, "Re: A desk by the window?",
        "Would Thursday at ten suit you?\n\nAda\n\n> Come and see it any day after nine.\n",
        answers="ada-offer", days=25, at="07:55", **ours,
    )  # fmt: skip
    w.sent(
        "ada-thursday", ADA, "Re: A desk by the window?",
        "Thursday at ten it is. Ring at the blue door.\n\nHarbour Club\n",
        answers="ada-visit", days=25, at="08:20", **ours,
    )  # fmt: skip
    w.received(
        "ada-decides", ADA, "Re: A desk by the window?",
        "I love it. Here are two of my drawings for the wall by desk 14, and please send the\n"
        "contract!\n\nAda\n",
        files={
            "lighthouse.png": ("image/png", files.picture(240, 120)),
            "seal.png": ("image/png", files.picture(160, 160, (200, 220, 230), (90, 110, 120))),
        },
        answers="ada-thursday", days=21, at="16:31", **ours,
    )  # fmt: skip
    w.sent(
        "ada-contract", ADA, "Re: A desk by the window?",
        "Dear Ada,\n\nwelcome aboard! The contract is attached, it starts on the first.\n\n"
        "Harbour Club\n",
        files={"contract-ada-lindqvist.pdf": ("application/pdf", files.pdf("Membership contract", [
            "Member: Ada Lindqvist", "Desk 14, fixed", "240 a month, notice of one month"]))},
        answers="ada-decides", days=20, at="10:02", **ours,
    )  # fmt: skip
    w.received(
        "ada-signed", ADA, "Re: A desk by the window?",
        "Signed and attached. See you on the first!\n",
        files={"contract-signed.pdf": ("application/pdf", files.pdf("Membership contract", [
            "Member: Ada Lindqvist", "Signed: Ada Lindqvist"]))},
        answers="ada-contract", days=19, at="19:47", **ours,
    )  # fmt: skip
    w.received(
        "ada-key", ADA, "Key 14 and a small leak",
        "Good morning,\n\nthe window above desk 14 drips when it rains from the west. I put a cup\n"
        "under it. Also: may I have a second key?\n\nAda\n",
        days=2, at="07:18", flags=(), shows="drips when it rains from the west", **ours,
    )  # fmt: skip


def _tidewater(w):
    """A company and its two people; some mail is to both of them."""
    w.received(
        "tide-invoice", TIDEWATER, "Invoice 2043: banners for the open day",
        "Please find our invoice 2043 attached. Payable within 14 days.\n",
        files={"invoice-2043.pdf": ("application/pdf", files.pdf("Invoice 2043", [
            "Four banners, 90 x 200 cm: 480", "Delivery: 20", "Total: 500"]))},
        contacts=("tidewater",), days=24, at="12:00",
    )  # fmt: skip
    w.received(
        "bruno-proofs", BRUNO, "Proofs for the harbour map",
        "Hello,\n\nthe proofs are below. The pier is on the wrong side in the second, we know.\n\n"
        "Bruno\n",
        html=signed(
            ["Hello,",
             'the proofs are below.<br><img src="cid:proof-one@tidewater" alt="proof one">',
             '<img src="cid:proof-two@tidewater" alt="proof two"><br>The pier is on the wrong '
             "side in the second, <i>we know</i>."],
            "Bruno Castellane", "Managing Partner, Tidewater Studio", logo="sign@tidewater",
        ),
        pictures={
            "proof-one@tidewater": files.picture(),
            "proof-two@tidewater": files.picture(480, 200, (190, 210, 250), (40, 70, 60)),
            "sign@tidewater": files.logo(64, sea=(130, 30, 60)),
        },
        contacts=("bruno",), days=15, at="14:05",
    )  # fmt: skip
    w.sent(
        "tide-thanks", f"{BRUNO}, {MEILING}", "Re: Proofs for the harbour map",
        "Dear both,\n\nthe first one, please, with the pier moved. Mei-Ling, we paid invoice 2043\n"
        "this morning.\n\nHarbour Club\n",
        answers="bruno-proofs", contacts=("bruno", "meiling"), days=14, at="09:15",
    )  # fmt: skip
    w.received(
        "mei-hours", MEILING, "Meeting room hours in the last quarter",
        "Hi, our count of the hours is attached; does it match yours?\n\nMei-Ling\n",
        files={"hours.csv": ("text/csv", files.csv([
            ("month", "hours", "room"), ("August", "12", "Lookout"), ("September", "9", "Lookout"),
            ("October", "17.5", "Café corner")]))},
        contacts=("meiling",), days=10, at="11:26",
    )  # fmt: skip
    w.sent(
        "mei-match", MEILING, "Re: Meeting room hours in the last quarter",
        "It does. 38.5 hours, three of them free. Thank you!\n",
        answers="mei-hours", contacts=("meiling",), days=10, at="13:02",
        headers={"Cc": "Bookkeeping <books@ledger-and-sons.example>"},
    )  # fmt: skip
    w.received(
        "mei-old", MEILING, "Parking for the summer party",
        "Hi, can three of us park in the yard on the 14th?\n\nMei-Ling\n",
        contacts=("meiling",), days=75, at="10:00",
    )  # fmt: skip


def _neighbours(w):
    """Two people with one address, and a boat builder whose address changes its capitals."""
    ramans = {"contacts": ("priya", "karthik")}
    w.received(
        "raman-yoga", RAMANS, "Yoga on the roof",
        "Dear club,\n\nwe would like to teach a yoga class on the roof, Tuesdays at seven in the\n"
        "morning. Mats we have. Would members come?\n\nPriya and Karthik\n",
        days=18, at="06:30", **ramans,
    )  # fmt: skip
    w.sent(
        "raman-yes", RAMANS, "Re: Yoga on the roof",
        "What a good idea! Eleven members put their names down.\n",
        answers="raman-yoga", days=17, at="15:10", **ramans,
    )  # fmt: skip
    w.received(
        "raman-invitation", RAMANS, "Invitation: First class on the roof",
        "Priya Raman invites you: First class on the roof.\n",
        files={"invite.ics": ("text/calendar", files.invitation(
            "roof-yoga-1@homeport.example", w.moment(-7, "07:00"), w.moment(-7, "08:00"),
            "First class on the roof", "Harbour Club, roof", "ramans@homeport.example",
            "hello@harbourclub.example"))},
        days=5, at="18:44", **ramans,
    )  # fmt: skip
    w.received(
        "jonas-bench", JONAS, "Workbench",
        "Moin,\n\nthe old workbench is yours if you fetch it before Friday.\n\nJonas\n",
        contacts=("jonas",), days=12, at="05:58",
    )  # fmt: skip
    w.sent(
        "jonas-fetch", "jonas.petersen@quayside.example", "Re: Workbench",
        "We come with a cart on Thursday. Thank you!\n",
        answers="jonas-bench", contacts=("jonas",), days=12, at="08:03",
    )  # fmt: skip
    w.copy("jonas-fetch", "INBOX", "08:04")  # we sent ourselves a copy: one email in two places
    w.received(
        "jonas-old", JONAS, "Slipway in spring", "Moin, the slipway opens on the first.\n\nJonas\n",
        contacts=("jonas",), days=45, at="06:00",
    )  # fmt: skip
    w.sent(
        "open-day", US, "You are invited: open day at the Harbour Club",
        "Open day on Saturday from ten. Soup, boats, desks to try. Bring friends!\n",
        html=card(
            "Open day at the Harbour Club",
            ["Saturday from ten until the soup is gone.", "Desks to try, boats to look at, and "
             "<b>Ada's</b> drawings on the wall of the first floor."],
            picture="cid:banner", button=("I'll come", "https://harbourclub.example/open-day"),
            footer="Harbour Club · 3 Capstan Yard · Portwell",
        ),
        pictures={"banner": files.picture(560, 180, (250, 180, 120), (20, 60, 100))},
        headers={"Bcc": f"{ADA}, {BRUNO}, {JONAS}"},
        contacts=("ada", "bruno", "jonas"), days=8, at="09:00",
    )  # fmt: skip
    # A note to ourselves: our own address is nobody's contact.
    w.received("note-to-self", US, "Buy lamp oil", "And matches.\n", days=6, at="20:15")
