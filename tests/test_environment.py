"""pyproject.toml, environment.yml and requirements.lock name the same packages, each for a reason."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[1]
PYPROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PROJECT = tomllib.loads(PYPROJECT)["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]

# The packages that the project is about; every other one says why it is here.
CARD = {"altair", "httpx", "ipywidgets", "jupyterlab", "nbval", "pandas", "polars", "pytest"}

# Where conda-forge has another name.
CONDA = {"duckdb": "python-duckdb", "playwright": "playwright-python", "tzdata": "python-tzdata"}

# What is too large to come along is neither part of `dev` nor of conda's environment, and has a lock of its own.
APART = {"spark"}

PARTS = [PROJECT["dependencies"], *(part for name, part in EXTRAS.items() if name not in APART)]
WANTED = [Requirement(line) for part in PARTS for line in part]
DIRECT = {one.name: one for one in WANTED if one.name != PROJECT["name"]}

# One package of the lock: its name, version and marker, and the indented lines that follow.
PINS = re.findall(r"^([a-z0-9-]+)==(\S+)(?: ; ([^\\\n]+?))? \\\n((?: .*\n?)+)", LOCK, flags=re.MULTILINE)

MACHINES = [
    {"sys_platform": platform, "os_name": os, "platform_system": system, "python_full_version": f"{python}.0"}
    | {"python_version": python, "platform_machine": machine, "implementation_name": "cpython"}
    | {"platform_python_implementation": "CPython", "extra": ""}
    for platform, os, system, machine in [
        ("linux", "posix", "Linux", "x86_64"),
        ("darwin", "posix", "Darwin", "arm64"),
        ("win32", "nt", "Windows", "AMD64"),
    ]
    for python in ["3.11", "3.12", "3.13"]
]


def test_conda_has_the_same_packages_and_ranges() -> None:
    """environment.yml asks for what pyproject.toml asks for, and for Python and pip."""
    text = (ROOT / "environment.yml").read_text(encoding="utf-8").partition("dependencies:")[2]
    lines = [line.strip().removeprefix("- ") for line in text.splitlines() if line.strip().startswith("- ")]
    conda = dict(f"{line} ".split(" ", 1) for line in lines)
    assert len(conda) == len(lines), "a package stands twice in environment.yml"
    assert conda.pop("python").strip() == f"{PROJECT['requires-python']},<3.14"
    assert conda.pop("pip").strip() == ""

    def ranges(text: str) -> set[str]:
        return set(text.strip().split(","))

    assert {name: ranges(text) for name, text in conda.items()} == {
        CONDA.get(name, name): ranges(str(one.specifier)) for name, one in DIRECT.items()
    }


def test_a_package_has_one_range() -> None:
    """No package is asked for twice with different ranges, and each has a lower bound."""
    assert all(DIRECT[one.name] == one for one in WANTED if one.name in DIRECT)
    assert not [str(one) for one in DIRECT.values() if ">=" not in str(one.specifier)]


def test_dev_is_everything() -> None:
    """The extra `dev` brings all the others, but for what is apart."""
    (dev,) = map(Requirement, EXTRAS["dev"])
    assert dev.name == PROJECT["name"]
    assert dev.extras == set(EXTRAS) - {"dev"} - APART


@pytest.mark.parametrize("extra", sorted(APART))
def test_what_is_apart_has_a_lock_of_its_own(extra: str) -> None:
    """It pins what the extra asks for, with hashes, and nothing in another version than the lock of all the rest."""
    text = (ROOT / f"{extra}.lock").read_text(encoding="utf-8")
    pins = dict(re.findall(r"^([a-z0-9-]+)==(\S+) \\\n(?= +--hash=sha256:[0-9a-f]{64})", text, flags=re.MULTILINE))
    assert len(pins) == len([line for line in text.splitlines() if line[0] not in " #"])
    for one in map(Requirement, EXTRAS[extra]):
        assert one.specifier.contains(Version(pins[one.name])), f"{one}, not {pins[one.name]}: call `make lock`."
    assert not {name: pins[name] for name, version, *_ in PINS if pins.get(name, version) != version}


@pytest.mark.parametrize("name", sorted(set(DIRECT) - CARD))
def test_a_package_says_why_it_is_here(name: str) -> None:
    """Beside every dependency that the project is not about stands its reason."""
    assert re.search(rf'^ +"{name}[^"]*", +# \w.+', PYPROJECT, flags=re.MULTILINE), (
        f"{name}: say in a few words in pyproject.toml what it is for."
    )


def test_lock_is_read_whole() -> None:
    """Every line of the lock that is no comment belongs to a pin that was read."""
    packages = [line for line in LOCK.splitlines() if line and line[0] not in " #"]
    assert len(PINS) == len(packages) > len(DIRECT)


def test_lock_pins_with_hashes() -> None:
    """Each package of the lock has at least one hash, and nothing but hashes and notes."""
    for name, version, _, rest in PINS:
        lines = [line.strip(" \\") for line in rest.splitlines()]
        assert re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", lines[0]), f"{name} {version} has no hash"
        assert all(line.startswith(("--hash=sha256:", "#")) for line in lines), f"{name} {version}"


def test_lock_names_no_index() -> None:
    """The lock can be installed from any index: it holds no address and no option that picks one."""
    assert "://" not in LOCK
    assert not re.search(r"--(?!hash=)\w|(^|\s)-\w\b|@", LOCK, flags=re.MULTILINE)


@pytest.mark.parametrize("machine", MACHINES, ids=lambda m: f"{m['sys_platform']}-{m['python_version']}")
def test_lock_is_complete_on(machine: dict[str, str]) -> None:
    """On each system and Python, the lock holds one version of each package that is asked for, within its range."""
    pinned = [(name, version) for name, version, marker, _ in PINS if not marker or Marker(marker).evaluate(machine)]
    versions = dict(pinned)
    assert len(versions) == len(pinned), "a package is pinned twice"
    for name, one in DIRECT.items():
        assert name in versions, f"{name} is not pinned: call `make lock`."
        assert one.specifier.contains(Version(versions[name])), f"{one}, not {versions[name]}: call `make lock`."
