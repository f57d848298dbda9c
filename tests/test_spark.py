"""The same cube on Spark, over the files of a store: the road to more rows than one machine holds; `make spark`."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

import usage_toolkit as ut

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FINE = ut.Filter(grain=("event", "1m"))
HOURS = ut.Filter(grain=("event", "1m", "1h"))
NIGHT = ut.Filter("2026-10-24T22:30", "2026-10-26T03:00", model=("claude-opus-4-8", "zai-org-glm-5-1"))
pytestmark = [
    pytest.mark.skipif(shutil.which("java") is None, reason="There is no Java here, which Spark runs on."),
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas"),
    pytest.mark.filterwarnings("ignore:unclosed"),  # Spark's own sockets
]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> ut.Store:
    """A store with forty days of two providers."""
    made = ut.Store(tmp_path_factory.mktemp("spark") / "store")
    for (source,), rows in ut.sample(days=40).partition_by("source", as_dict=True).items():
        made.replace(rows, source=str(source), start="2026-09-20", stop="2026-11-05")
    return made


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Spark on two threads of this machine."""
    sql = pytest.importorskip("pyspark.sql", reason="There is no pyspark here: make spark installs it.")
    builder = sql.SparkSession.builder.master("local[2]")
    words = {
        "spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1", "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "2", "spark.sql.session.timeZone": "UTC",
        "spark.sql.warehouse.dir": str(tmp_path_factory.mktemp("warehouse")),
    }  # fmt: skip
    session = builder.config(map=words).getOrCreate()
    yield session
    session.stop()


@pytest.fixture(scope="module")
def rows(spark: Any, store: ut.Store) -> Any:
    """The files of the store as a Spark frame: provider and month are in their paths."""
    return spark.read.option("basePath", store.url).parquet(*store.files())


@pytest.mark.parametrize(
    ("session", "asked"),
    [
        ("UTC", {}),
        ("UTC", {"every": None, "by": ("provider", "meter")}),
        ("UTC", {"every": "1w", "by": ("currency", "user"), "measure": "amount"}),
        ("UTC", {"every": "1mo", "by": "api_key", "measure": "quantity", "where": HOURS, "tz": "Europe/Rome"}),
        ("UTC", {"every": "1d", "by": "model", "where": NIGHT, "tz": "America/Havana", "measure": "quantity"}),
        ("UTC", {"every": "1h", "by": "meter", "where": FINE, "tz": "Australia/Lord_Howe"}),
        ("Europe/Rome", {"by": "model", "where": NIGHT}),
        ("Europe/Rome", {"every": "1mo", "by": "sku", "where": FINE, "tz": "Asia/Kathmandu"}),
    ],
    ids=repr,
)
def test_p12_spark_gives_the_same_cube(
    spark: Any, rows: Any, store: ut.Store, asked: dict[str, Any], session: str
) -> None:
    """Digit for digit, in any time zone, also where the session has another than UTC or has changed it."""
    spark.conf.set("spark.sql.session.timeZone", session)
    expected = ut.cube(store.scan(), **asked)
    assert expected.height
    assert ut.cube(rows, **asked).equals(expected)


def test_spark_counts_quarters_of_an_hour_where_a_zone_needs_them(spark: Any, rows: Any, store: ut.Store) -> None:
    """What comes back from Spark for a zone that is not whole hours from UTC is four sums an hour, not sixty."""
    from usage_toolkit.cube.parts import parts_of

    spark.conf.set("spark.sql.session.timeZone", "UTC")
    asked: dict[str, Any] = {"measures": ("quantity",), "every": "1d", "where": FINE, "tz": "Asia/Kathmandu"}
    here, there = (parts_of(frame, ["meter"], **asked).sort("time", "meter") for frame in (store.scan(), rows))
    assert there.equals(here)
    assert (there["time"].dt.minute() % 15 == 0).all()
    assert there["time"].dt.minute().n_unique() == 4


def test_sums_that_do_not_fit_are_refused(spark: Any, tmp_path: Path) -> None:
    """Spark may make null of a sum that does not fit; here it is an error, as everywhere."""
    words = [name for name, dtype in ut.schema.COLUMNS.items() if isinstance(dtype, pl.Enum)]
    big = ut.sample(days=1).head(9).with_columns(pl.lit("9" * 20).cast(ut.schema.MONEY).alias("amount"))
    big.with_columns(pl.col(words).cast(pl.String)).write_parquet(tmp_path / "big.parquet")
    spark.conf.set("spark.sql.ansi.enabled", "false")
    with pytest.raises(ut.InputError, match="expected sums below"):
        ut.cube(spark.read.parquet(str(tmp_path / "big.parquet")), by="provider", every=None)
