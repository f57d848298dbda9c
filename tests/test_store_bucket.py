"""A store in a bucket of an object store: the same as in a folder, over a real S3 API on loopback."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING

import polars as pl
import pytest

import usage_toolkit as ut
from books import DAY, HOUR, SOURCE, START, hourly, same_rows, stored, union, within
from syncing import FIRST, be_quick, desk, row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STOP = START + 4 * DAY
ROWS = hourly(START, STOP)
SECRET = "CANARY-of-an-object-store"  # noqa: S105 (what must never be shown)
_NAMES = count()


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Where the object store answers."""
    words = [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
    server = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=os.environ)
    assert server.stderr is not None
    found = next(filter(None, (re.search(r"http://127\.0\.0\.1:\d+", line) for line in server.stderr)))
    reader = threading.Thread(target=server.stderr.read)  # or it would wait for somebody to read its log
    reader.start()
    yield found.group()
    server.kill()
    server.wait()
    reader.join()
    server.stderr.close()


@pytest.fixture
def bucket(address: str) -> Callable[[], ut.Store]:
    """One bucket, and as many clients of the store in it as wanted."""
    name = f"bucket{next(_NAMES)}"
    urllib.request.urlopen(urllib.request.Request(f"{address}/{name}", method="PUT")).close()  # noqa: S310 (loopback)
    options = {"AWS_ENDPOINT_URL": address, "AWS_ALLOW_HTTP": "true", "AWS_REGION": "us-east-1"}
    options |= {"AWS_ACCESS_KEY_ID": "who", "AWS_SECRET_ACCESS_KEY": SECRET}
    return lambda: ut.Store(f"s3://{name}/usage", storage_options=options)


def put(store: ut.Store, day: int, amount: str = "0.06") -> None:
    """Replace a day."""
    start = START + day * DAY
    store.replace(hourly(start, start + DAY, amount=amount), source=SOURCE, start=start, stop=start + DAY)


def test_a_bucket_holds_what_was_put_into_it(bucket: Callable[[], ut.Store]) -> None:
    """Rows, windows, revisions, versions and check are those of a folder; merging and clearing change no answer."""
    store = bucket()
    for day in range(4):
        put(store, day)
    assert same_rows(stored(bucket()), ROWS)
    put(store, 0, "0.07")
    assert store.revisions()["after"].cast(pl.String).str.strip_chars_end("0").to_list() == ["1.68"]
    assert same_rows(stored(store.as_of(4)), ROWS)
    october = ut.Filter("2026-10-01")
    assert same_rows(store.scan(october).collect(), within(ROWS, START + 2 * DAY, STOP))
    assert len(store.files(october)) == 2
    rows, known = stored(store), store.coverage()
    assert store.compact() == 4
    assert store.vacuum(keep=timedelta(0))
    assert same_rows(stored(store), rows)
    assert store.coverage().equals(known)
    assert store.check().is_empty()


def test_i19_two_writers_of_a_bucket_lose_nothing(bucket: Callable[[], ut.Store]) -> None:
    """There is no lock: a commit that another one overtook is made anew, and a reader sees whole days only."""
    put(bucket(), 0)

    def write(first: int) -> None:
        store = bucket()
        for turn in range(3):
            for day in range(first, 4, 2):
                put(store, day, f"0.{turn + 1}")

    def read() -> set[int]:
        store = bucket()
        return {one for _ in range(5) for one in stored(store).group_by(pl.col("time").dt.date()).len()["len"]}

    with ThreadPoolExecutor(3) as pool:
        writers = [pool.submit(write, first) for first in (0, 1)]
        assert pool.submit(read).result() == {24}
        for writer in writers:
            writer.result()
    assert same_rows(stored(bucket()), hourly(START, STOP, amount="0.3"))
    assert bucket()._snapshot().version == 13
    assert bucket().check().is_empty()


def test_i1_a_sync_into_a_bucket_ends_like_one_into_a_folder(
    bucket: Callable[[], ut.Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the provider has is in the bucket, pages too; a second sync changes nothing, and pages are read again."""
    be_quick(monkeypatch)
    with desk([row(FIRST + n * HOUR) for n in range(24 * 3)], now=datetime(2026, 9, 30, 10, 7, tzinfo=UTC)) as venice:
        store = bucket()
        venice.sync(store)
        assert same_rows(stored(store), venice.truth())
        assert union(store) == [(FIRST, venice.through)]
        assert venice.sync(bucket()).revisions == ()
        assert store.page(stored(store)["origin"][0]).startswith(b'{"data":[')
        assert store.rebuild() == ()
        assert store.check().is_empty()


def test_g6_a_changed_object_is_found(bucket: Callable[[], ut.Store]) -> None:
    """An object that is not what its name says is named with its days, and storing them again mends it."""
    store = bucket()
    put(store, 0)
    put(store, 1)
    file = next(file for file in store._snapshot().files if file.month != "windows" and file.first == START)
    data = store._place.get(file.path)
    store._place.put(file.path, data[:200] + bytes([data[200] ^ 1]) + data[201:])
    assert set(store.check()["start"].to_list()) == {START}
    put(store, 0, "0.08")
    put(store, 0)
    assert store.check().is_empty()


def test_a_bucket_that_does_not_answer_is_one_sentence(address: str) -> None:
    """No bucket of that name, or nobody there: a StoreError without any secret; nothing is taken for an empty store."""
    options = {"AWS_ENDPOINT_URL": address, "AWS_ALLOW_HTTP": "true", "AWS_REGION": "us-east-1", "max_retries": "0"}
    options |= {"AWS_ACCESS_KEY_ID": "who", "AWS_SECRET_ACCESS_KEY": SECRET}
    for more in ({}, {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}):
        store = ut.Store("s3://nobody/usage", storage_options=options | more)
        assert SECRET not in repr(store)
        for use, doing in ((lambda store: put(store, 0), "written"), (ut.Store.coverage, "read")):
            with pytest.raises(ut.StoreError, match=f"^s3://nobody/usage: expected to be {doing}, found") as refused:
                use(store)
            assert SECRET not in str(refused.value)
        assert ("Connection refused" in str(refused.value)) == bool(more)
