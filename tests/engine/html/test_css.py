"""CSS in emails: what is kept of it, and that it takes linear time."""

import pytest

from crm_member_mail.mailbox.html import css
from crm_member_mail.mailbox.html.tidy import MAX_STYLE

from ..linear import assert_linear


@pytest.mark.parametrize(
    "style",
    [
        "color: #1a2b3c; background-color: rgb(1, 2, 3); padding: 4px 1em",
        "border: 1px solid #e9e9e9; border-radius: 50%; font-weight: 700",
        "font-family: 'Source Sans 3', Arial; text-align: center; max-width: 600px",
        "background: #fff url(/web/image/7) no-repeat",
        "background-image: url(/web/image/7)",
        "display: none",
    ],
)
def test_looks_are_kept(style):
    assert css.clean(style) == style


@pytest.mark.parametrize(
    ("style", "cleaned"),
    [
        # What loads, covers or moves.
        ("background: #123 url(https://x.example/1.png) no-repeat", "background: #123 no-repeat"),
        ("background: url('a;b)c') #123", "background: #123"),
        ("background-image: url(https://x.example/1.png); color: red", "color: red"),
        ("background-image: url(/web/image/7?x)", ""),
        ("list-style-type: url(/web/image/7)", ""),
        ("background: image-set('https://x.example/1.png' 1x)", ""),
        ("background: u\\72l(https://x.example/1.png)", ""),
        ("width: expression (alert(1)); color: red", "color: red"),
        ("width: (1px)", ""),
        # What would take along the next declaration.
        ("font-family: 'x; color: red", "color: red"),
        ("color: rgb(1, 2; width: [; float: left", "float: left"),
        ("position: fixed; z-index: 9; color: red /* ; */ !important", "color: red"),
        ("margin-left: -300px; text-indent: -9999px", "margin-left: 0; text-indent: 0"),
        # What is too large to read.
        ("width: 10000px; font-size: 500px", "width: 2000px; font-size: min(500px, 72px)"),
        ("font: bold 400px/1 Arial", "font: bold min(400px, 72px)/1 Arial"),
        ("line-height: 1e9px", "line-height: 2000px"),
        # What depends on a window that is as high as the email.
        ("height: 100vh; width: 50VW; font-size: 4vmin; padding: 1dvh 2px", ""),
        ("height: 50cqh; color: red", "color: red"),
    ],
)
def test_what_is_changed(style, cleaned):
    assert css.clean(style) == cleaned


@pytest.mark.parametrize(
    ("style", "cleaned"),
    [
        ("height: 32px; overflow: hidden", "min-height: 32px; display: flow-root"),
        ("height: 32px", "min-height: 32px"),
        ("max-height: 3em; overflow-y: scroll", "display: flow-root"),
        ("height: 100%; overflow: auto; display: block", "display: block; min-height: 100%"),
        (
            "white-space: nowrap; overflow: hidden; text-overflow: ellipsis; width: 90px",
            "white-space: normal; width: 90px; display: flow-root",
        ),
        ("white-space: nowrap", "white-space: nowrap"),
        ("white-space: pre", "white-space: pre-wrap"),
        ("word-break: break-all; overflow-wrap: anywhere; word-wrap: break-word", ""),
        # A box of no size is how mail programs and senders hide a text that only previews show.
        ("max-height: 0; overflow: hidden", "display: none"),
        ("height: 0px; overflow: hidden; display: block; color: red", "display: none; color: red"),
        ("max-height:0px;max-width:0px;opacity:0;overflow:hidden", "opacity: 0; display: none"),
        ("width: 1px; overflow: hidden", "display: none"),
        # Without "hidden" its text is shown.
        ("height: 0; color: red", "color: red; min-height: 0"),
        ("max-height: 0", ""),
    ],
)  # fmt: skip
def test_no_box_hides_a_part_of_its_text(style, cleaned):
    assert css.clean(style, "div") == cleaned


def test_heights_of_cells_and_pictures_stay():
    assert css.clean("height: 32px; overflow: hidden", "td") == "height: 32px"
    assert css.clean("height: 32px", "img") == "height: 32px"


def test_long_styles_are_cut_between_declarations():
    style = "color: red; " + "padding: 1px; " * 1000
    assert css.clean(style) == "color: red; padding: 1px"
    assert css.clean("color: red; font-family: " + "x" * MAX_STYLE) == "color: red"
    picture = "background-image: url(data:image/png;base64," + "x" * 50_000 + ")"
    assert css.clean(f"{picture}; color: red") == "color: red"


@pytest.mark.parametrize(
    "piece",
    ["a", "1", "1.", "-", "(", "a(", "url(", "url('", 'url("', "/*", "!", "! ", " ", ";", ":", "a:",
     "1e", "rgb(", "#", "color:", "background:", "\\", "0px ", "overflow:hidden;"],
)  # fmt: skip
@pytest.mark.parametrize("start", ["", "font-size: "])
def test_hostile_styles_take_linear_time(start, piece):
    def work(size):
        for _number in range(20):
            css.clean(start + piece * (size // len(piece)))

    assert_linear(work)
