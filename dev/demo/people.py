"""Who writes to the Harbour Club: its contacts in Odoo, and strangers who must stay out of it.

Harbour Club is an invented coworking club in an invented harbour. All domains end in ``.example``,
which no one can ever own (RFC 2606).
"""

from dataclasses import dataclass, field

CLUB = "Harbour Club"
OUR_ADDRESS = "hello@harbourclub.example"
#: An account whose password is refused.
EVENTS_ADDRESS = "events@harbourclub.example"


@dataclass(frozen=True)
class Contact:
    """A contact in Odoo. ``email`` is what somebody typed there, not what his mail says."""

    key: str
    name: str
    email: str = ""
    is_company: bool = False
    parent: str = ""
    active: bool = True
    details: dict = field(default_factory=dict)


CONTACTS = (
    Contact("ada", "Ada Lindqvist", "ada.lindqvist@fjordmail.example",
            details={"function": "Illustrator", "city": "Norrvik", "phone": "+99 555 0101"}),
    Contact("tidewater", "Tidewater Studio", "info@tidewater.example", is_company=True,
            details={"street": "4 Rope Walk", "city": "Portwell", "website": "tidewater.example"}),
    Contact("bruno", "Bruno Castellane", "bruno@tidewater.example", parent="tidewater",
            details={"function": "Managing Partner", "phone": "+99 555 0112"}),
    Contact("meiling", "Mei-Ling Osei", "mei-ling@tidewater.example", parent="tidewater",
            details={"function": "Office Manager"}),
    # Two people, one mailbox: the mail belongs to both.
    Contact("priya", "Priya Raman", "ramans@homeport.example", details={"city": "Portwell"}),
    Contact("karthik", "Karthik Raman", "ramans@homeport.example", details={"city": "Portwell"}),
    # Typed with capitals and a display name, as people do.
    Contact("jonas", "Jonas Petersen", "Jonas Petersen <Jonas.Petersen@Quayside.example>",
            details={"function": "Boat builder", "phone": "+99 555 0177"}),
    Contact("moewe", "Bäckerei Möwe", "bestellung@bäckerei-möwe.example", is_company=True,
            details={"street": "Am Kai 7", "city": "Portwell"}),
    Contact("boathouse", "Boathouse Rentals", '"front desk"@boathouse.example', is_company=True),
    Contact("yuki", "田中 由紀", "yuki.tanaka@minato-design.example",
            details={"function": "デザイナー"}),
    Contact("oleg", "Олег Маринин", "oleg@portovik.example", details={"function": "Логист"}),
    Contact("layla", "ليلى حداد", "layla@almina.example", details={"function": "مهندسة معمارية"}),
    Contact("eleni", "Ελένη Παππά", "eleni@limani.example", details={"function": "Φωτογράφος"}),
    Contact("coffee", "Coastline Coffee", "news@coastline-coffee.example", is_company=True,
            details={"comment": "Beans and the machine on the first floor."}),
    Contact("nina", "Nina Ferro", "nina.ferro@saltmarsh.example",
            details={"comment": "Met at the open day; has not written yet."}),
    # Left the club: archived, so his emails are a stranger's.
    Contact("viktor", "Viktor Hale", "viktor.hale@oldpier.example", active=False),
)  # fmt: skip

#: Full addresses, as they stand in From and To.
ADA = "Ada Lindqvist <ada.lindqvist@fjordmail.example>"
TIDEWATER = "Tidewater Studio <info@tidewater.example>"
BRUNO = "Bruno Castellane <bruno@tidewater.example>"
MEILING = "Mei-Ling Osei <mei-ling@tidewater.example>"
RAMANS = "Priya & Karthik Raman <ramans@homeport.example>"
JONAS = "Jonas Petersen <JONAS.PETERSEN@quayside.EXAMPLE>"
MOEWE = "Bäckerei Möwe <bestellung@xn--bckerei-mwe-l8a6v.example>"
BOATHOUSE = 'Boathouse Rentals <"front desk"@boathouse.example>'
YUKI = "yuki.tanaka@minato-design.example"
OLEG = "oleg@portovik.example"
LAYLA = "layla@almina.example"
ELENI = "eleni@limani.example"
COFFEE = "Coastline Coffee <news@coastline-coffee.example>"
VIKTOR = "Viktor Hale <viktor.hale@oldpier.example>"
US = f"{CLUB} <{OUR_ADDRESS}>"

#: None of these may be found anywhere in the database afterwards.
STRANGERS = {
    "freelancer": "Tomasz Brandt <tomasz.brandt@seekingdesk.example>",
    "parcel": "Gull Express <no-reply@gullexpress.example>",
    "sales": "Chad Buckley <chad@growth-rockets.example>",
    "landlord": "Pier Estates <office@pierestates.example>",
    "lookalike": "Ada Lindqvist <ada.lindqvist@fjordmail-support.example>",
    "lottery": "Mrs. Felicity Okonjo-Whyte <claims@lucky-anchor.example>",
    "school": "Miss Harper <harper@primaryschool.example>",
    "press": "Rosa Delgado <rosa@portwell-gazette.example>",
    "bank": "Harbour Savings <alerts@harboursavings.example>",
    "florist": "Bloom & Barnacle <shop@bloom-barnacle.example>",
}
