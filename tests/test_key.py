"""A key can be used but not seen."""

from __future__ import annotations

import base64
import copy
import json
import pickle
import traceback
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from usage_toolkit._key import Key
from usage_toolkit.errors import AuthError

RAW = "sk-ant-admin01-made/up+0123456789abcdef"
VISIBLE = st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="\"'`")


def sent(key: Key) -> str:
    """What would go over the wire."""
    headers: dict[str, str] = {}
    key.fill(headers, name="authorization", scheme="Bearer ")
    return headers["authorization"]


def test_no_way_of_printing_shows_it() -> None:
    """Whatever prints a key, prints ``Key(***)``."""
    key = Key.of(RAW, env="K")
    shown = [repr(key), str(key), f"{key}", f"{key!r:>20}", f"{key:x}", str([key]), str({"key": key}), str(dir(key))]
    shown += [repr(getattr(key, name)) for name in Key.__slots__]
    assert RAW[:12] not in "".join(shown)
    assert json.dumps({"key": key}, default=str) == '{"key": "Key(***)"}'


def test_copies_are_the_same_key() -> None:
    """A copy sends what the original sends, and there is no second one in memory."""
    key = Key.of(RAW, env="K")
    assert copy.copy(key) is copy.deepcopy(key) is Key.of(key, env="other") is key


def test_pickle_is_refused() -> None:
    """A pickle would be a file with the key in it, so there is none, in a sentence that says what to do."""
    with pytest.raises(TypeError, match="environment variable"):
        pickle.dumps(Key.of(RAW, env="K"))


@given(st.text(VISIBLE, min_size=1))
def test_a_fit_key_is_sent_as_it_is(raw: str) -> None:
    """Every key of visible ASCII passes the check and goes out unchanged."""
    key = Key.of(raw, env="K")
    key.check()
    assert sent(key) == f"Bearer {raw}"


@given(st.text(VISIBLE, min_size=12), st.characters(), st.text(VISIBLE))
def test_a_stray_character_is_refused_unseen(before: str, stray: str, after: str) -> None:
    """One sentence that names the variable and shows nothing of the key, not even to a traceback with locals."""
    if "!" <= stray <= "~" and stray not in "\"'`":
        stray = "\n"
    key = Key.of(before + stray + after, env="VENICE_ADMIN_KEY")
    told = told_by(key)
    assert "VENICE_ADMIN_KEY" in told
    assert before[:12] not in told


@pytest.mark.parametrize(
    "form", [" {}", "{} ", "{}\n", "\t{}", '"{}"', "'{}'", "`{}`", "Bearer {}", "{}é", "{}\0", "\ufeff{}"]
)
def test_what_people_paste_around_a_key(form: str) -> None:
    """The usual accidents are refused rather than mended or sent."""
    told = told_by(Key.of(form.format(RAW), env="K"))
    assert RAW[:12] not in told
    assert "stray" in told


def told_by(key: Key) -> str:
    """The refusal, with the locals of each frame."""
    try:
        key.check()
    except AuthError as error:
        return "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    pytest.fail("the key passed")


@pytest.mark.parametrize("value", [None, ""])
def test_a_missing_key_names_the_variable(value: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has set no key reads which variable to set."""
    monkeypatch.delenv("VENICE_ADMIN_KEY", raising=False)
    with pytest.raises(AuthError, match="VENICE_ADMIN_KEY"):
        Key.of(value, env="VENICE_ADMIN_KEY").check()


def test_the_environment_is_asked_when_no_key_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """None means the variable; an empty text does not, since a form left empty is no wish for another account."""
    monkeypatch.setenv("VENICE_ADMIN_KEY", RAW)
    assert sent(Key.of(None, env="VENICE_ADMIN_KEY")) == f"Bearer {RAW}"
    with pytest.raises(AuthError):
        Key.of("", env="VENICE_ADMIN_KEY").check()


@given(st.text(VISIBLE, min_size=12), st.text(), st.text(), st.data())
def test_a_piece_of_it_is_found_in_any_text(raw: str, before: str, after: str, data: st.DataObject) -> None:
    """Twelve characters of it in a row are found, plain or quoted, and so is all of it in hex."""
    key = Key.of(raw, env="K")
    at = data.draw(st.integers(0, len(raw) - 12))
    piece = raw[at : at + 12]
    for form in (piece, quote(piece, safe=""), raw.encode().hex().upper()):
        assert key.shows_in(before + " " + form + " " + after)


@given(st.text(VISIBLE, min_size=24), st.binary(max_size=5), st.binary(max_size=5))
def test_base64_of_it_is_found(raw: str, before: bytes, after: bytes) -> None:
    """Also as part of a longer text, as in basic authentication, wherever it begins."""
    assert Key.of(raw, env="K").shows_in(base64.b64encode(before + raw.encode() + after).decode())
    assert Key.of(raw, env="K").shows_in(base64.urlsafe_b64encode(before + raw.encode() + after).decode())


def test_an_innocent_text_is_not_taken_for_it() -> None:
    """Text without the key stays readable, also next to a key so short that it is found everywhere."""
    assert not Key.of(RAW, env="K").shows_in("Admin API key required, see the page on keys")
    assert not Key.of("k", env="K").shows_in("Admin API key required")


def test_its_kind_can_be_told_by_how_it_begins() -> None:
    """Some providers write into a key what it is for."""
    key = Key.of("sk-made-up", env="K")
    assert key.begins("sk-")
    assert not key.begins("pk-")
