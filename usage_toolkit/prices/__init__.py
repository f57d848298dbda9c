"""What a unit of a meter costs, and from when to when: own prices, list prices, and the price of a row.

`frame` says what a table of prices is and reads own ones, `listed` makes one of the data that genai-prices packages,
`lookup` finds the price that a row has on its day. What is made of prices is for `analysis`.
"""

from __future__ import annotations

from usage_toolkit.prices.frame import COLUMNS, TERMS, read_prices
from usage_toolkit.prices.listed import list_prices
from usage_toolkit.prices.lookup import Prices, known, priced, product

__all__ = ["COLUMNS", "TERMS", "Prices", "known", "list_prices", "priced", "product", "read_prices"]
