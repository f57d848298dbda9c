"""A body is all of it or an error, never a part, and never larger than allowed."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from usage_toolkit._http.decode import (
    BodyError,
    Decoder,
    EncodingError,
    TooLargeError,
    TruncatedError,
    plain,
)

MIB = 2**20
PAGE = b'{"data":[' + b",".join(b'{"amount":-%d.0%d}' % (n, n * n) for n in range(40)) + b"]}"


def decode(sent: bytes, *, encoding: str = "gzip", limit: int = MIB, size: int = 100_000) -> bytes:
    """Feed a body in pieces of so many bytes."""
    decoder = Decoder(encoding, limit=limit)
    for at in range(0, len(sent), size):
        decoder.feed(sent[at : at + size])
    return decoder.end()


@given(st.lists(st.binary(), min_size=1), st.integers(1, 50))
def test_members_of_any_size_in_pieces_of_any_size(members: list[bytes], size: int) -> None:
    """Gzip of one or several members comes back whole, however it was cut into pieces."""
    sent = b"".join(map(gzip.compress, members))
    assert decode(sent, size=size) == b"".join(members)


@pytest.mark.parametrize("length", [MIB - 1, MIB, MIB + 1, 3 * MIB, 3 * MIB + 258])
def test_what_is_left_inside_comes_out(length: int) -> None:
    """A body at the edge of what is decoded at a time is whole too, fed in one piece or in small ones."""
    sent = gzip.compress(bytes(length))
    assert decode(sent, limit=4 * MIB) == decode(sent, limit=4 * MIB, size=3) == bytes(length)


@pytest.mark.parametrize("members", [[PAGE], [PAGE[:100], PAGE[100:]]])
def test_a6_truncated_at_every_byte(members: list[bytes]) -> None:
    """Gzip that was cut anywhere is refused; between two members no one can tell, so there it is what it is."""
    sent = [gzip.compress(member) for member in members]
    whole, border = b"".join(sent), len(sent[0])
    accepted = []
    for cut in range(1, len(whole)):
        try:
            decode(whole[:cut])
        except TruncatedError:
            continue
        accepted.append(cut)
    assert accepted == ([border] if len(members) > 1 else [])


@given(st.integers(0, len(gzip.compress(PAGE, mtime=0)) * 8 - 1))
def test_a7_one_flipped_bit_never_changes_the_page(bit: int) -> None:
    """A flipped bit is an error, unless it is in a part of gzip's header that carries no data."""
    sent = bytearray(gzip.compress(PAGE, mtime=0))
    sent[bit // 8] ^= 1 << bit % 8
    try:
        assert decode(bytes(sent)) == PAGE
    except BodyError:
        return
    assert bit // 8 < 10


@pytest.mark.parametrize(
    "sent", [PAGE, zlib.compress(PAGE), gzip.compress(PAGE) + b"x", gzip.compress(PAGE) + b"\0\0\0"]
)
def test_a7_what_is_not_gzip_through_and_through(sent: bytes) -> None:
    """No gzip, another format, or something behind it is damage, since none of it says where it ends."""
    with pytest.raises(BodyError):
        decode(sent)


@pytest.mark.parametrize("encoding", ["br", "deflate", "zstd", "gzip, gzip", "identity, gzip", "x"])
def test_a7_an_encoding_that_nobody_asked_for(encoding: str) -> None:
    """Only gzip was asked for."""
    with pytest.raises(EncodingError):
        decode(PAGE, encoding=encoding)


@pytest.mark.parametrize("encoding", ["", "identity", " Identity "])
def test_plain_bodies_pass_up_to_the_limit(encoding: str) -> None:
    """A plain body of exactly the limit passes, and one byte more does not."""
    assert decode(PAGE, encoding=encoding, limit=len(PAGE)) == PAGE
    with pytest.raises(TooLargeError):
        decode(PAGE, encoding=encoding, limit=len(PAGE) - 1)


def test_a9_a_bomb_stays_small() -> None:
    """A tiny piece that would become 128 MiB is refused at the limit, without taking much more memory than that."""
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(bytes(MIB)) for _ in range(128)) + packer.flush()
    tracemalloc.start()
    with pytest.raises(TooLargeError):
        decode(bomb, limit=8 * MIB, size=len(bomb))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16 * MIB


def test_a9_a_train_of_empty_members_ends() -> None:
    """Members that hold nothing count by what was sent, so that they can't go on for ever."""
    with pytest.raises(TooLargeError):
        decode(gzip.compress(b"") * 1000, limit=10_000)


@given(st.text())
def test_plain_shows_nothing_active(text: str) -> None:
    """What is shown of a stranger's text is one short line without markup or control characters."""
    shown = plain(text)
    assert len(shown) <= 80
    assert shown.isprintable()
    assert not set(shown) & {"<", ">", "\n"}
