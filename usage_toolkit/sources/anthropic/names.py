"""Who is behind an id, and what a null means.

A null in a report has two meanings, and which one is known only by who asked: nobody asked, or it is the default
workspace, the Console, nobody in particular. `Names.labels` tells them apart; asking for the names is for `lists`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from usage_toolkit.schema import DEFAULT, NONE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CONSOLE = "(console)"
"""The label of what no API key was used for: the Console's Workbench."""


@dataclass(frozen=True)
class Names:
    """Labels by id; what is not among them is called by its id.

    Attributes
    ----------
    default
        The id of the default workspace, which reports leave null; None if it isn't known.
    """

    workspaces: Mapping[str, str] = field(default_factory=dict)
    api_keys: Mapping[str, str] = field(default_factory=dict)
    users: Mapping[str, str] = field(default_factory=dict)
    default: str | None = None

    def labels(self, groups: Sequence[str]) -> list[pl.Expr]:
        """Return who it was, as labels and ids, of rows whose report was grouped by `groups`."""
        return [*self._workspace(groups), *self._api_key(groups), *self._user(groups)]

    def _workspace(self, groups: Sequence[str]) -> list[pl.Expr]:
        if "workspace_id" not in groups:
            return _nobody("workspace")
        own = pl.col("workspace_id").fill_null(pl.lit(self.default, pl.String))
        named = pl.col("workspace_id").replace(dict(self.workspaces))
        is_default = pl.col("workspace_id").is_null() | (own == pl.lit(self.default, pl.String)).fill_null(value=False)
        return [pl.when(is_default).then(pl.lit(DEFAULT)).otherwise(named).alias("workspace"), own]

    def _api_key(self, groups: Sequence[str]) -> list[pl.Expr]:
        if "api_key_id" not in groups:
            return _nobody("api_key")
        people = [name for name in ("account_id", "service_account_id") if name in groups]
        someone = pl.any_horizontal(pl.lit(value=False), *(pl.col(name).is_not_null() for name in people))
        named = pl.col("api_key_id").replace(dict(self.api_keys))
        # Someone who signed in without a key was not in the Workbench, as far as anyone can tell.
        absent = pl.when(someone).then(pl.lit(NONE)).otherwise(pl.lit(CONSOLE))
        return [named.fill_null(absent).alias("api_key"), pl.col("api_key_id")]

    def _user(self, groups: Sequence[str]) -> list[pl.Expr]:
        people = [pl.col(name) for name in ("account_id", "service_account_id") if name in groups]
        if not people:
            return _nobody("user")
        own = pl.coalesce(people)
        return [own.replace(dict(self.users)).fill_null(NONE).alias("user"), own.alias("user_id")]


def _nobody(column: str) -> list[pl.Expr]:
    """Return the label and id of what nobody asked for."""
    return [pl.lit(NONE).alias(column), pl.lit(None, pl.String).alias(f"{column}_id")]
