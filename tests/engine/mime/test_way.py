"""From bytes to message there is one way: each step is done once, and none calls one before it."""

import dataclasses
import sys
from pathlib import Path

import pytest

from crm_member_mail.mailbox.mime import content, headers, message
from crm_member_mail.mailbox.mime.automatic import origin
from crm_member_mail.mailbox.mime.structure import containers, leaves, splitter

from ...mail import email, email_with
from .test_message import winmail

FOLDER = Path(message.__file__).parent

#: The files of the steps, in their order.
STEPS = ("splitter", "leaves", "containers", "content", "headers")
CONCLUSIONS = ("identity", "origin", "authenticity", "read_receipt", "bounce_report")

BOUNCE = (
    b"From: MAILER-DAEMON@x.example\r\nSubject: Undeliverable\r\n"
    b"Content-Type: multipart/report; boundary=b\r\n\r\n"
    b"--b\r\n\r\nCould not be delivered.\r\n"
    b"--b\r\nContent-Type: message/delivery-status\r\n\r\nX: y\r\n\r\n"
    b"Final-Recipient: rfc822; ana@x.example\r\nAction: failed\r\n"
    b"--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <1@x>\r\n\r\nHi\r\n--b--\r\n"
)


@pytest.mark.parametrize(
    "data",
    [
        email(text="Grüße", html="<b>Grüße</b>"),
        email_with(winmail(b"Hello"), "winmail.dat", "application/ms-tnef"),
        BOUNCE,
    ],
    ids=["text", "container", "bounce"],
)
def test_no_step_is_returned_to(data):
    visited = []

    def note(frame, event, _argument):
        path = Path(frame.f_code.co_filename)
        is_step = path.is_relative_to(FOLDER) and path.stem in STEPS + CONCLUSIONS
        is_value = frame.f_code is headers.Headers.value.__code__  # of what a step gave
        if event == "call" and is_step and not is_value:
            visited.append(path.stem)

    sys.setprofile(note)
    try:
        message.parse(data)
    finally:
        sys.setprofile(None)
    runs = [step for at, step in enumerate(visited) if visited[at - 1 : at] != [step]]
    assert tuple(runs[: len(STEPS)]) == STEPS
    assert len(set(runs)) == len(runs), runs


def test_what_a_step_gives_is_frozen():
    for found in (
        containers.Enclosed,
        splitter.Split,
        leaves.Leaf,
        leaves.Branch,
        leaves.Leaves,
        content.Content,
        headers.Headers,
        origin.Origin,
    ):
        assert found.__dataclass_params__.frozen and dataclasses.is_dataclass(found)
