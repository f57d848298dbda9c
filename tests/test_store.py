"""A store holds exactly what was put into it, window by window, and says of each what is known."""

from __future__ import annotations

import stat
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import usage_toolkit as ut
from books import DAY, HOUR, SOURCE, START, book, covered, hourly, same_rows, stored, union, within
from usage_toolkit.store import Store, change, files
from usage_toolkit.store import store as module
from usage_toolkit.store.place import Bucket, Folder
from usage_toolkit.view.status import expect_coverage

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

DAYS = 5
STOP = START + DAYS * DAY  # a month ends within
ROWS = hourly(START, STOP)
hours = st.integers(0, DAYS * 24)
windows = (
    st.tuples(hours, hours).filter(lambda w: w[0] != w[1]).map(lambda w: (START + min(w) * HOUR, START + max(w) * HOUR))
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a store may be."""
    return tmp_path / "store"


def put(store: Store, rows: pl.DataFrame, start: datetime = START, stop: datetime = STOP, **more: object) -> object:
    """Replace a window."""
    return store.replace(rows, source=SOURCE, start=start, stop=stop, **more)  # type: ignore[arg-type]


def test_i1_what_is_stored_is_what_was_given(folder: Path) -> None:
    """Rows come back equal in every column and dtype, in the order of time, over the border of a month."""
    store = Store(folder)
    put(store, ROWS)
    assert stored(store).equals(ROWS)
    assert covered(store)["rows"].to_list() == [24] * DAYS
    assert store.check().is_empty()


@settings(deadline=None, max_examples=8)
@given(rounds=st.lists(st.lists(hours, min_size=2, max_size=6, unique=True), min_size=1, max_size=3))
def test_windows_put_together_are_as_if_put_one_by_one(
    rounds: list[list[int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Rows, what is known of them and what has changed are the same, in fewer versions."""
    together, apart = (Store(tmp_path_factory.mktemp("store")) for _ in range(2))
    owner = change.Book("venice", SOURCE, "(default)")
    for number, cuts in enumerate(rounds):
        rows = files.as_stored(hourly(START, STOP, amount=str(number)))
        ends = [START + cut * HOUR for cut in sorted(cuts)]
        parts = [
            change.Part(within(rows, a, b), a, b, STOP + DAY + n * HOUR, STOP, None)
            for n, (a, b) in enumerate(pairwise(ends))
        ]
        with together.writing(), apart.writing():
            changed = together._put(owner, parts, {})
            assert changed == tuple(one for part in parts for one in apart._put(owner, [part], {}))
    assert stored(together).equals(stored(apart))
    assert together.coverage().equals(apart.coverage())
    assert together.revisions().equals(apart.revisions())
    assert together.check().is_empty()
    assert together._snapshot().version == len(rounds)


def test_rows_keep_the_order_of_time_when_a_day_in_a_file_changes(folder: Path) -> None:
    """A day within a file of many leaves two files around it, and compacting puts the three together in order."""
    store, end = Store(folder), START + 2 * DAY  # a month ends there
    put(store, within(ROWS, START, end), stop=end)
    put(store, hourly(START + 6 * HOUR, START + DAY, amount="9"), START + 6 * HOUR, START + DAY)
    assert stored(store)["time"].equals(within(ROWS, START, end)["time"])
    store.compact()
    assert stored(store)["time"].is_sorted()
    assert store.check().is_empty()


def test_i1_sample_rows_of_every_source_come_back(folder: Path) -> None:
    """Two providers and four sources, with credits, nulls and odd names, are the same multiset again."""
    rows, store = ut.sample(days=40), Store(folder)
    for (source,), part in rows.partition_by("source", as_dict=True).items():
        store.replace(part, source=str(source), start="2026-09-20", stop="2026-11-05")
    assert same_rows(stored(store), rows)
    assert ut.cube(store.scan(), by="model").equals(ut.cube(rows, by="model"))


@given(data=st.data())
@settings(max_examples=25)
def test_i1_equal_rows_and_long_digits_are_kept(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Rows that are equal in everything stay as many, amounts to the eighteenth decimal."""
    amounts = st.decimals(-(10**11), 10**11, places=18).map(lambda number: format(number, "f"))
    times = st.sampled_from([START, START + timedelta(microseconds=1), START + DAY - timedelta(microseconds=1)])
    entries = data.draw(st.lists(st.tuples(times, amounts, st.sampled_from(["USD", "DIEM"])), max_size=12))
    rows = book(entries * 2)
    store = Store(tmp_path_factory.mktemp("store") / "s")
    put(store, rows, START, START + DAY)
    assert same_rows(stored(store), rows)
    assert store.check().is_empty()


@given(parts=st.lists(windows, min_size=1, max_size=6))
@settings(max_examples=25)
def test_i2_i4_windows_in_any_order_and_twice_make_the_same(
    tmp_path_factory: pytest.TempPathFactory, parts: list[tuple[datetime, datetime]]
) -> None:
    """Whatever windows are put, overlapping, again and in whatever order: what is covered is exactly what is there."""
    stores = [Store(tmp_path_factory.mktemp("store") / "s") for _ in range(2)]
    for store, order in zip(stores, (parts, [*reversed(parts), *parts]), strict=True):
        for start, stop in order:
            assert put(store, within(ROWS, start, stop), start, stop) == ()
        assert store.check().is_empty()
        assert store.revisions().is_empty()
    expected = pl.concat([ROWS.clear(), *(within(ROWS, *ends) for ends in union(stores[0]))])
    assert all(same_rows(stored(store), expected) for store in stores)
    assert union(stores[0]) == union(stores[1])


@given(cut=st.integers(1, DAYS * 24 - 1))
@settings(max_examples=15)
def test_i3_windows_that_touch_make_the_whole(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    """Two windows that meet anywhere, also at a row's own instant, hold what one does."""
    store, middle = Store(tmp_path_factory.mktemp("store") / "s"), START + cut * HOUR
    put(store, within(ROWS, START, middle), START, middle)
    put(store, within(ROWS, middle, STOP), middle, STOP)
    assert stored(store).sort("time").equals(ROWS)
    assert union(store) == [(START, STOP)]


@given(changes=st.lists(st.tuples(windows, st.sampled_from(["0.06", "0.07", "none"])), min_size=1, max_size=5))
@settings(max_examples=25)
def test_i7_i8_every_change_of_the_past_is_a_revision(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[tuple[datetime, datetime], str]]
) -> None:
    """Coverage never shrinks, and what changed after the first reading is told with its money before and after."""
    store, truth = Store(tmp_path_factory.mktemp("store") / "s"), ROWS
    put(store, ROWS)
    for (start, stop), amount in changes:
        new = (
            within(ROWS, start, stop).clear()
            if amount == "none"
            else within(hourly(START, STOP, amount=amount), start, stop)
        )
        before = within(truth, start, stop)
        told = put(store, new, start, stop)
        truth = pl.concat([truth.filter((pl.col("time") < start) | (pl.col("time") >= stop)), new])
        assert bool(told) == (not same_rows(before, new))
        assert sum(one.after.rows - one.before.rows for one in told) == new.height - before.height  # type: ignore[attr-defined]
        assert union(store) == [(START, STOP)]
    assert same_rows(stored(store), truth)
    assert store.check().is_empty()
    money = store.revisions().filter(measure="amount").with_columns(pl.col("before", "after").fill_null(0))
    assert _sum(money["after"]) - _sum(money["before"]) == _sum(truth["amount"]) - _sum(ROWS["amount"])


def _sum(amounts: pl.Series) -> Decimal:
    return sum(amounts, Decimal(0))


def test_i8_earlier_versions_can_be_read(folder: Path) -> None:
    """What was believed is what was stored then, by version and by moment."""
    store = Store(folder)
    states = []
    for day in range(3):
        rows = hourly(START, START + DAY, amount=f"0.0{day + 1}")
        put(store, rows, START, START + DAY, as_of=START + (day + 2) * DAY)
        states.append((rows, store._snapshot().version))
    for day, (rows, version) in enumerate(states):
        assert stored(store.as_of(version)).equals(rows)
        assert stored(store.as_of(START + (day + 2) * DAY + HOUR)).equals(rows)
    assert store.as_of(states[0][1]).revisions().is_empty()
    with pytest.raises(ut.StoreError, match="only later ones"):
        store.as_of(START)
    with pytest.raises(ut.ArgumentError, match="the past"):
        put(store.as_of(1), ROWS)


def test_i24_a_window_without_rows_is_covered_and_one_that_was_not_fetched_is_not(folder: Path) -> None:
    """A day that was fetched and had nothing is known to be empty; a day in between that was not is a gap."""
    store = Store(folder)
    put(store, ROWS.clear(), START, START + DAY)
    put(store, ROWS.clear(), START + 2 * DAY, START + 3 * DAY)
    assert union(store) == [(START, START + DAY), (START + 2 * DAY, START + 3 * DAY)]
    assert stored(store).schema == pl.Schema(ut.schema.COLUMNS)
    known = expect_coverage(store.coverage())
    assert known is not None
    assert known.height == 2


def test_i25_the_same_store_reads_the_same(folder: Path) -> None:
    """Two readings of one version are byte for byte the same export."""
    store = Store(folder)
    for day in (3, 0, 4, 1, 2):
        ends = (START + day * DAY, START + (day + 1) * DAY)
        put(store, within(ROWS, *ends), *ends)
    first, second = (ut.export.to_csv(stored(Store(folder))) for _ in range(2))
    assert first == second == ut.export.to_csv(ROWS)


def test_books_do_not_touch_each_other(folder: Path) -> None:
    """Two accounts, sources and providers, also with odd names, are replaced apart."""
    store = Store(folder)
    books = [
        hourly(START, STOP),
        hourly(START, STOP, account="a/b c%20 ü'=\""),
        hourly(START, STOP, source="venice.other"),
        hourly(START, STOP, provider="o/d=d ü", source="odd"),
    ]
    for rows in books:
        names = rows.row(0, named=True)
        whose = {name: names[name] for name in ("provider", "source", "account")}
        store.replace(rows, start=START, stop=STOP, **whose)
    assert same_rows(stored(store), pl.concat(books))
    put(store, ROWS.clear(), START, STOP)
    assert same_rows(stored(store), pl.concat(books[1:]))
    assert same_rows(store.scan(ut.Filter(provider="o/d=d ü")).collect(), books[3])
    assert store.check().is_empty()


@pytest.mark.parametrize(
    "where",
    [
        ut.Filter(),
        ut.Filter("2026-09-30", "2026-10-02"),
        ut.Filter(model="b", currency="DIEM"),
        ut.Filter(meter="input", basis="billed", source=SOURCE),
        ut.Filter(provider="nobody"),
        ut.Filter("2027-01-01"),
    ],
    ids=repr,
)
def test_scan_keeps_what_the_filter_keeps(folder: Path, where: ut.Filter) -> None:
    """Leaving files out changes no answer."""
    rows = pl.concat([ROWS, hourly(START, STOP, currency="DIEM", model="b")])
    store = Store(folder)
    for day in range(DAYS):
        ends = (START + day * DAY, START + (day + 1) * DAY)
        put(store, within(rows, *ends), *ends)
    assert same_rows(store.scan(where).collect(), rows.filter(where.to_expr()))


def test_scan_opens_only_what_can_hold_it(folder: Path) -> None:
    """A day asked for is read from its own file: the others may be gone."""
    store = Store(folder)
    for day in range(DAYS):
        ends = (START + day * DAY, START + (day + 1) * DAY)
        put(store, within(ROWS, *ends), *ends)
    wanted = ut.Filter(START + DAY, START + 2 * DAY)
    for file in store._snapshot().files:
        if not file.may_hold(wanted):
            (folder / file.path).unlink()
    assert store.scan(wanted).collect().equals(within(ROWS, START + DAY, START + 2 * DAY))


def test_compact_and_vacuum_change_no_answer(folder: Path) -> None:
    """One file a month and none from before: the same rows, windows and revisions, and later changes still land."""
    store = Store(folder)
    for day in range(DAYS):
        ends = (START + day * DAY, START + (day + 1) * DAY)
        put(store, within(ROWS, *ends), *ends)
    put(store, hourly(START, START + DAY, amount="0.07"), START, START + DAY)
    rows, known, revisions = stored(store), store.coverage(), store.revisions()
    assert store.compact() == DAYS
    assert store.compact() == 0
    assert store.vacuum(keep=timedelta(0), dry=True) == store.vacuum(keep=timedelta(0)) != []
    assert store.vacuum(keep=timedelta(0)) == []
    assert same_rows(stored(store), rows)
    assert store.coverage().equals(known)
    assert store.revisions().equals(revisions)
    put(store, within(ROWS, START, START + DAY), START, START + DAY)
    assert same_rows(stored(store), ROWS)
    assert store.check().is_empty()
    assert len([f for f in store._snapshot().files if f.month == "2026-09"]) == 2


def test_a_reader_keeps_its_version(folder: Path) -> None:
    """What was scanned before a window was replaced and files were merged is still what it was."""
    store = Store(folder)
    put(store, ROWS)
    before = store.scan()
    put(store, ROWS.clear(), START, START + DAY)
    store.compact()
    assert before.collect().equals(ROWS)


@pytest.mark.parametrize(
    ("rows", "ends", "said"),
    [
        (ROWS, (START, START + DAY), "found one of 2026-09-30"),
        (ROWS, (START + timedelta(microseconds=1), STOP), "found one of 2026-09-29"),
        (hourly(START, STOP, account="other"), (START, STOP), "found 'other'"),
        (ROWS.drop("notes"), (START, STOP), "canonical rows"),
        (ROWS, (STOP, START), "start before stop"),
    ],
)
def test_c11_what_does_not_belong_is_refused(
    folder: Path, rows: pl.DataFrame, ends: tuple[datetime, datetime], said: str
) -> None:
    """A row outside the window, of another account or not canonical is an error, and nothing is stored."""
    store = Store(folder)
    with pytest.raises((ut.InputError, ut.ArgumentError), match=said):
        put(store, rows, *ends)
    assert stored(store).is_empty()


@pytest.mark.parametrize("landed", [True, False])
def test_g4_a_commit_that_failed_is_looked_up(folder: Path, monkeypatch: pytest.MonkeyPatch, *, landed: bool) -> None:
    """An error after the commit landed is a success; one before it is an error, and the store is as it was."""
    from deltalake import DeltaTable

    store, real = Store(folder), DeltaTable.create_write_transaction
    put(store, ROWS)

    def fail(*args: object, **more: object) -> None:
        if landed:
            real(*args, **more)  # type: ignore[arg-type]
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(DeltaTable, "create_write_transaction", fail)
    if landed:
        put(store, ROWS.clear(), START, START + DAY)
    else:
        with pytest.raises(ut.StoreError, match="Input/output error"):
            put(store, ROWS.clear(), START, START + DAY)
    monkeypatch.undo()
    assert stored(store).height == ROWS.height - 24 * landed
    assert store.check().is_empty()


def test_i19_a_commit_on_an_old_version_is_made_anew(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no lock helps, a second writer that was faster is seen, and both changes are there."""
    url = f"file://{folder}"
    folder.mkdir()
    slow, fast = Store(folder), Store(folder)
    slow._place = Bucket(url, None)  # as on an object store
    put(slow, ROWS)
    real = change.replaced
    tried: list[int] = []

    def overtaken(*args: object, **more: object) -> object:
        made = real(*args, **more)  # type: ignore[arg-type]
        if not tried:
            put(fast, within(ROWS, START + DAY, START + 2 * DAY).clear(), START + DAY, START + 2 * DAY)
        tried.append(1)
        return made

    monkeypatch.setattr(
        module,
        "replaced",
        lambda *args, **more: overtaken(*args, **more) if args[0] is slow._place else real(*args, **more),
    )
    put(slow, ROWS.clear(), START, START + DAY)
    assert len(tried) == 2
    assert stored(slow).sort("time").equals(within(ROWS, START + 2 * DAY, STOP))
    assert slow.check().is_empty()


def test_a_bucket_holds_what_a_folder_holds(folder: Path) -> None:
    """The way to an object store, tried on this machine, stores the same."""
    folder.mkdir()
    store = Store(folder)
    store._place = Bucket(f"file://{folder}", None)
    put(store, ROWS)
    put(store, hourly(START, START + DAY, amount="1"), START, START + DAY)
    assert store.check().is_empty()
    assert same_rows(stored(store), stored(Store(folder)))
    assert store.compact() > 0


def test_nobody_else_may_read_it(folder: Path) -> None:
    """Folders and files of ours are for their owner alone."""
    put(Store(folder), ROWS)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in folder.rglob("*.parquet"))


@pytest.mark.parametrize("odd", ["", 5, None])
def test_a_store_needs_a_place(odd: object) -> None:
    """What names no place is refused at once."""
    with pytest.raises(ut.ArgumentError, match="expected a path or a URL"):
        Store(odd)  # type: ignore[arg-type]


def test_a_store_is_not_put_among_other_things(tmp_path: Path) -> None:
    """A folder with something else in it, or a file, is refused, and left as it is."""
    (tmp_path / "thesis.txt").write_text("ours")
    for path in (tmp_path, tmp_path / "thesis.txt"):
        with pytest.raises(ut.ArgumentError, match="expected a"):
            put(Store(path), ROWS)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_reading_makes_nothing(folder: Path) -> None:
    """A store that is not there yet is empty, and is not made by looking."""
    store = ut.Store(folder)
    assert store.coverage().is_empty()
    assert store.revisions().is_empty()
    assert store.check().is_empty()
    assert stored(store).is_empty()
    assert not folder.exists()
    assert isinstance(store._place, Folder)
    assert repr(store) == f"Store('{folder}')"
    assert covered(store).is_empty()
