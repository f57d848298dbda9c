"""The words of the command line; each command is a function that prints and returns its exit code.

0 is done, 1 what went wrong in a sentence, 2 words that can't be meant, 75 another process is writing, 130 stopped.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import warnings
from typing import TYPE_CHECKING

from usage_toolkit.errors import StoreBusyError, UsageToolkitError, UsageToolkitWarning

if TYPE_CHECKING:
    from collections.abc import Sequence

STORE = "USAGE_TOOLKIT_STORE"
FAILED, BUSY, STOPPED = 1, 75, 130
_BY = "day, week, month, hour, provider, source, account, workspace, model, key, user, meter"


def main(words: Sequence[str] | None = None) -> int:
    """Do what the command line says and return the exit code."""
    said = _parser().parse_args(words)
    log, lines = logging.getLogger("usage_toolkit"), logging.StreamHandler(sys.stderr)
    log.addHandler(lines)
    log.setLevel(logging.WARNING if said.quiet else logging.INFO)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("default", UsageToolkitWarning)
            warnings.showwarning = _warn
            return _COMMANDS[said.command](said)
    except UsageToolkitError as error:
        _say(str(error), *getattr(error, "__notes__", ()))
        return BUSY if isinstance(error, StoreBusyError) else FAILED
    except KeyboardInterrupt as stopped:
        _say(str(stopped) or "Stopped by you; what was stored is whole.")
        return STOPPED
    except BrokenPipeError:  # who read the output has seen enough
        sys.stderr.close()
        return 0
    finally:
        log.removeHandler(lines)


def _sync(said: argparse.Namespace) -> int:
    from datetime import timedelta

    from usage_toolkit.sync import Store

    report = Store(said.store).sync(
        said.provider,
        start=said.start,
        stop=said.stop,
        account=said.account,
        base_url=said.base_url,
        again=said.again,
        same_account=said.same_account,
        look_back=None if said.look_back is None else timedelta(hours=said.look_back),
        wait=said.wait,
        progress=sys.stderr.isatty() and not said.quiet,
    )
    print(report)  # noqa: T201 (what a command is for)
    return 0


def _status(said: argparse.Namespace) -> int:
    from usage_toolkit.cli.health import status
    from usage_toolkit.store import Store

    print(status(Store(said.store)))  # noqa: T201 (as above)
    return 0


def _totals(said: argparse.Namespace) -> int:
    from usage_toolkit.cli.totals import totals
    from usage_toolkit.store import Store

    where = {name: values for name, values in vars(said).items() if name in _FILTERS and values}
    text = totals(
        Store(said.store), by=said.by.split(","), start=said.start, stop=said.stop, tz=said.tz, form=said.format,
        where={_FILTERS[name]: values for name, values in where.items()},
    )  # fmt: skip
    sys.stdout.write(text)
    return 0


def _doctor(said: argparse.Namespace) -> int:
    from usage_toolkit.cli.health import balance, doctor
    from usage_toolkit.sync import Store

    store = Store(said.store)
    found = doctor(store)
    well = "All is well: every file, window and page is as it was stored."
    print("\n".join(found or [well, *balance(store)]))  # noqa: T201 (as above)
    return FAILED if found else 0


def _report(said: argparse.Namespace) -> int:
    from usage_toolkit.cli.report import report

    print(report(said))  # noqa: T201 (as above)
    return 0


_COMMANDS = {"sync": _sync, "status": _status, "totals": _totals, "report": _report, "doctor": _doctor}
_FILTERS = {
    "provider": "provider", "source": "source", "account": "account", "workspace": "workspace", "model": "model",
    "key": "api_key", "user": "user", "meter": "meter", "currency": "currency", "grain": "grain",
}  # fmt: skip


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="usage-toolkit", description="What AI costs: keep a store, and look at it.")
    shared = argparse.ArgumentParser(add_help=False)
    there = os.environ.get(STORE)
    shared.add_argument(
        "--store", default=there, required=there is None, help=f"the folder or URL of the store; else ${STORE}"
    )
    shared.add_argument("--quiet", action="store_true", help="only say what went wrong")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")

    sync = commands.add_parser("sync", parents=[shared], help="fetch what is missing or may have changed")
    sync.add_argument("provider", help="anthropic or venice; the key comes from ANTHROPIC_ADMIN_KEY, VENICE_ADMIN_KEY")
    sync.add_argument("--start", help="the first day, in UTC; else what is stored goes on")
    sync.add_argument("--stop", help="the end; else now")
    sync.add_argument("--account", default="(default)", help="the books that the rows belong to")
    sync.add_argument("--base-url", help="another server than the provider's own")
    sync.add_argument("--again", action="store_true", help="fetch all from start to stop, whatever is stored")
    sync.add_argument("--same-account", action="store_true", help="a new key is of the account that is stored")
    sync.add_argument("--look-back", type=float, metavar="HOURS", help="how long a day may still change")
    sync.add_argument("--wait", type=float, default=60.0, metavar="SECONDS", help="how long to wait for another writer")

    commands.add_parser("status", parents=[shared], help="how fresh and complete the store is")

    totals = commands.add_parser("totals", parents=[shared], help="what was used and what it cost")
    totals.add_argument("--by", default="day", help=f"one or several, with commas: {_BY}; default day")
    totals.add_argument("--start", help="the first day, in the time zone")
    totals.add_argument("--stop", help="the day after the last")
    totals.add_argument("--tz", default="UTC", help="the time zone in which days begin, such as Europe/Rome")
    totals.add_argument("--format", default="table", choices=("table", "csv", "json"))
    for name in _FILTERS:
        totals.add_argument(f"--{name}", action="append", help="only this; may be repeated")

    report = commands.add_parser("report", help="one HTML file: of a notebook that was run, or of a month")
    report.add_argument("notebook", nargs="?", help="an .ipynb file that was run and saved")
    report.add_argument("--month", metavar="YYYY-MM", help="the report of this month, instead of a notebook")
    report.add_argument("--store", default=there, help=f"the folder or URL of the month's store; else ${STORE}")
    report.add_argument("--provider", action="append", help="only this, of a month; may be repeated")
    report.add_argument("--tz", default="UTC", help="the time zone whose month is meant, such as Europe/Rome")
    report.add_argument("--locale", default="en-US", help="whose words, dates and numbers, such as it-IT")
    report.add_argument("--title", default="", help="what the window is called")
    report.add_argument("--out", metavar="FILE", help="the file to write; else the notebook's name with .html")
    report.add_argument(
        "--input",
        action=argparse.BooleanOptionalAction,
        help="whether code can be unfolded; of a notebook it can, of a month it can't unless asked for",
    )
    report.add_argument("--quiet", action="store_true", help="only say what went wrong")

    commands.add_parser("doctor", parents=[shared], help="what is wrong with the store, and what to do")
    return parser


def _warn(message: Warning | str, *_: object, **__: object) -> None:
    _say(str(message))


def _say(*lines: str) -> None:
    print(*lines, sep="\n", file=sys.stderr)  # noqa: T201 (what a command says beside its output)
