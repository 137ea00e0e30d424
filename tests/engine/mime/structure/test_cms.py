"""What is in a container of S/MIME, however it is written, and hostile ones in bounded time."""

import base64
import time

import pytest
from asn1crypto import cms as asn1
from hypothesis import given
from hypothesis import strategies as st

from crm_member_mail.mailbox.mime.structure import cms

from ... import smime

TEXT = smime.ENTITY


def content(data):
    found = cms.read(data)
    return (found.kind, found.content) if found else None


@pytest.mark.parametrize(
    "data",
    [
        smime.signed(TEXT),
        base64.encodebytes(smime.signed(TEXT)),
        b"-----BEGIN PKCS7-----\n"
        + base64.encodebytes(smime.signed(TEXT))
        + b"-----END PKCS7-----\n",
        smime.streamed(TEXT),
        smime.streamed(TEXT, 7),
        # Pieces in pieces, of a length that is said and one that is not.
        smime.container(
            smime.SIGNED,
            smime.open_element(
                0x24,
                smime.element(0x24, smime.element(0x04, TEXT[:9]) + smime.element(0x04, TEXT[9:20]))
                + smime.open_element(0x24, smime.element(0x04, TEXT[20:])),
            ),
        ),
    ],
)
def test_signed(data):
    assert content(data) == ("signed", TEXT)


def test_what_holds_nothing_to_read():
    assert content(smime.signed(TEXT, detached=True)) == ("signed", b"")
    assert content(smime.encrypted(TEXT)) == ("encrypted", b"")
    assert content(smime.container(smime.AUTH_ENVELOPED, b"")) == ("encrypted", b"")


def test_compressed():
    kind, data = content(smime.compressed(TEXT))
    assert (kind, cms.inflated(data, 1000)) == ("compressed", TEXT)
    assert cms.inflated(data, len(TEXT) - 1) == b""
    assert cms.inflated(TEXT, 1000) == b""


@pytest.mark.parametrize(
    "data",
    [b"", b"0", b"\x30\x80", b"%PDF-1.7", TEXT, smime.element(0x30, b"\x06\x03\x55\x04\x03")],
)
def test_what_is_no_container(data):
    assert cms.read(data) is None


@pytest.mark.parametrize("whole", [smime.signed(TEXT), smime.streamed(TEXT, 20)])
def test_cut_off_anywhere(whole):
    """The content is there as far as it goes, and never anything else."""
    start = whole.index(TEXT[:10])
    for end in range(len(whole)):
        found = cms.read(whole[:end])
        assert not found or TEXT.startswith(found.content)
        assert end <= start + 10 or found.content


@given(st.binary(max_size=3000), st.integers(1, 400))
def test_like_another_reader(data, size):
    whole = smime.streamed(data, size)
    other = asn1.ContentInfo.load(whole)["content"]["encap_content_info"]["content"]
    assert cms.read(whole).content == (other.native or b"")


@pytest.mark.parametrize(
    "piece",
    [
        b"\x04\x01x",
        b"\x04\x00",
        b"\x24\x80",
        b"\x24\x00",
        b"\x00\x00",
        b"\x24\x84\x7f\xff\xff\xff",
        b"\x04\xff",
    ],
)
@pytest.mark.parametrize("place", ["algorithms", "content"])
def test_hostile_ones_take_no_time(piece, place):
    many = piece * (12_000_000 // len(piece))
    start = smime.element(0x06, smime.SIGNED) + b"\xa0\x80\x30\x80" + smime.element(0x02, b"\x01")
    if place == "content":
        start += b"\x31\x00\x30\x80" + smime.element(0x06, smime.DATA) + b"\xa0\x80\x24\x80"
    began = time.process_time()
    cms.read(b"\x30\x80" + start + many)
    assert time.process_time() - began < 2


def test_a_large_one_in_small_pieces():
    data = smime.streamed(b"x" * 25_000_000)
    began = time.process_time()
    assert len(cms.read(data).content) == 25_000_000
    assert time.process_time() - began < 2
