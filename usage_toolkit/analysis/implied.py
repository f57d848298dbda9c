"""`implied_price`: what a unit of use cost, as the bill says it, and where that changed or nothing was charged."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal

import polars as pl

from usage_toolkit.analysis.matching import SET, WHAT, Matched, match, metered
from usage_toolkit.analysis.rows import by_day, coded
from usage_toolkit.errors import InputError
from usage_toolkit.schema import MONEY, NONE

_LABELS = ("provider", "account", "model", "meter", *WHAT[1:], "basis", "currency", "unit")
_COLUMNS = ("day", *_LABELS, "quantity", "amount", "rounded")
_EXACT = Context(prec=80, rounding=ROUND_HALF_EVEN)
_DIGIT = Decimal(1).scaleb(-MONEY.scale)
_DEAREST = Decimal(10) ** 12
_LEAST_DECIMALS = 2  # a bill of whole dollars by chance is still one of cents
_ALIKE = Decimal("1e-6")  # some sources compute with doubles; no price changes by a millionth


def implied_price(rows: pl.DataFrame | pl.LazyFrame) -> pl.DataFrame:
    """Divide each day's bill by what was used: the price of one unit, and where it changed.

    Money that carries its quantity, such as ``venice.ledger``, is divided by that; other money by the metered
    quantities that `ut.allocate` would spread it over, all workspaces, keys and users together.

    Parameters
    ----------
    rows
        Canonical polars rows: what was billed (or allocated), and what was metered.

    Returns
    -------
    polars.DataFrame
        ``time`` (the UTC day) and the labels ``provider``, ``account``, ``model``, ``meter``, ``service_tier``,
        ``context_window``, ``region``, ``speed``, ``basis``, ``currency`` and ``unit``, as far as both sides say
        them; ``quantity``, ``amount`` and ``price``, in ``currency`` per single ``unit``, rounded half-even to 18
        decimals; ``before``, the last price of the same labels on a day before; ``changed``, whether the price is
        another one; and ``uncharged``, what was used and is on no bill. Sorted.

        Money without a quantity has no price, and is a row of its own. Use without money is a row of its own too,
        of basis ``metered``, with its quantity in ``uncharged`` alone: for days and meters of which there is a bill.

    Raises
    ------
    ArgumentError
        If this is no polars frame.
    InputError
        If the rows are not canonical, or a price is beyond all reason.

    Notes
    -----
    A bill is rounded, so its price is only known to within half of its last decimal for each row, divided by the
    quantity. ``changed`` means that two prices are further apart than the two roundings together, and than a
    millionth. The last decimal is that of the most exact amount of the same source and currency, at least cents.

    Examples
    --------
    >>> import usage_toolkit as ut
    >>> prices = ut.implied_price(ut.sample().filter(provider="venice", currency="USD", meter="output"))
    >>> prices.filter("changed").select("time", "model", "before", "price").row(0)[1:]
    ('openai-gpt-56-sol', Decimal('0.000020000000000000'), Decimal('0.000010000000000000'))
    """
    dated = by_day(rows, call="implied_price").with_columns(pl.col("meter", "basis", "unit").cast(pl.String))
    dated = coded(dated, *SET)
    money = dated.filter(pl.col("basis").is_in(["billed", "allocated"]) & pl.col("amount").is_not_null())
    money = money.with_columns(_last_decimal())
    own, bare = money.filter(pl.col("quantity").is_not_null()), money.filter(pl.col("quantity").is_null())
    use = metered(dated)
    matched = match(bare, use)
    paid = bare.join(matched.money, on=SET, nulls_equal=True, how="left")
    counted = pl.concat([own.select(_COLUMNS), _by_group(paid.drop_nulls("group"), use, matched).select(_COLUMNS)])
    parts = [
        _added_up(counted),
        _added_up(paid.filter(pl.col("group").is_null()).select(_COLUMNS)),
        _uncharged(bare, use, matched),
    ]
    made = pl.concat(parts, how="diagonal").with_columns(
        pl.col("unit").fill_null(NONE), pl.col("uncharged").fill_null(0), time="day"
    )
    return _priced(made.sort("time", *_LABELS, "quantity", nulls_last=True).cast(dict.fromkeys(_LABELS, pl.String)))


def _last_decimal() -> pl.Expr:
    """Return the unit that each amount may be rounded to: the last decimal that its source shows, at least cents."""
    decimals = pl.col("amount").cast(pl.String).str.strip_chars_end("0").str.split(".").list.last().str.len_chars()
    shown = decimals.max().over("provider", "source", "currency").clip(lower_bound=_LEAST_DECIMALS)
    units = {places: Decimal(1).scaleb(-places) for places in range(MONEY.scale + 1)}
    return shown.replace_strict(units, return_dtype=MONEY).alias("rounded")


def _by_group(paid: pl.DataFrame, use: pl.DataFrame, matched: Matched) -> pl.DataFrame:
    """Divide the money of each group and the quantity behind it as one."""
    used = use.join(matched.use, on=[*SET, "unit"], nulls_equal=True)
    quantity = used.group_by("group", "unit").agg(pl.col("quantity").sum())
    amount = paid.group_by("group", "basis", "currency").agg(pl.col("amount", "rounded").sum())
    return amount.join(quantity, on="group").join(matched.kinds, on="group")


def _added_up(parts: pl.DataFrame) -> pl.DataFrame:
    keys = ["day", *_LABELS]
    known = pl.when(pl.col("quantity").null_count() == 0).then(pl.col("quantity").sum()).alias("quantity")
    return parts.group_by(keys).agg(known, pl.col("amount", "rounded").sum())


def _uncharged(bare: pl.DataFrame, use: pl.DataFrame, matched: Matched) -> pl.DataFrame:
    """Return the use that no money is for, where there is a bill: of its day, and at some time of its meter."""
    return (
        use.join(matched.use, on=[*SET, "unit"], nulls_equal=True, how="anti")
        .join(bare, on=["provider", "account", "day"], how="semi")
        .join(bare, on=["provider", "account", "meter"], how="semi")
        .with_columns(basis=pl.lit("metered"), currency=pl.lit(NONE))
        .group_by("day", *_LABELS)
        .agg(uncharged=pl.col("quantity").sum())
    )


def _priced(parts: pl.DataFrame) -> pl.DataFrame:
    """Divide, and compare each price with the last one of the same labels."""
    made: list[tuple[Decimal | None, Decimal | None, bool]] = []
    last: dict[tuple[str, ...], tuple[Decimal, Decimal]] = {}
    for amount, quantity, rounded, *labels in parts.select("amount", "quantity", "rounded", *_LABELS).iter_rows():
        if amount is None or quantity is None or quantity <= 0:
            made.append((None, None, False))
            continue
        price = _EXACT.divide(amount, quantity).quantize(_DIGIT, context=_EXACT)
        if abs(price) >= _DEAREST:
            raise InputError(
                f"expected prices below {_DEAREST:.0e}, found {price:.1e} for {labels[3]!r} of {labels[2]!r}; check "
                "the amounts and quantities of those rows."
            )
        slack = _EXACT.divide(rounded, 2 * quantity) + _DIGIT
        before, slack_before = last.get(tuple(labels), (None, slack))
        apart = before is not None and abs(price - before) > max(slack + slack_before, abs(before) * _ALIKE)
        made.append((price, before, apart))
        last[tuple(labels)] = (price, slack)
    columns = pl.DataFrame(made, schema={"price": MONEY, "before": MONEY, "changed": pl.Boolean}, orient="row")
    order = ("time", *_LABELS, "quantity", "amount", "price", "before", "changed", "uncharged")
    return pl.concat([parts, columns], how="horizontal").select(order)
