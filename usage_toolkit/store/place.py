"""Where a store's files lie: a folder of this machine, or a bucket of an object store.

A file is there whole or not at all, and once it is there it never changes. What is in it is for others.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from usage_toolkit.errors import ArgumentError, notify
from usage_toolkit.store.disk import network

if TYPE_CHECKING:
    from collections.abc import Iterator

_PRIVATE = 0o700  # who used what when is for nobody else on the machine


class Folder:
    """A folder of this machine; what was put there is on the disk when `put` returns."""

    options: dict[str, str] | None = None

    def __init__(self, root: Path) -> None:
        self.root = root
        self.url = str(root)

    @property
    def is_new(self) -> bool:
        """Whether nothing has been stored yet; a folder with something else in it is refused."""
        if not self.root.exists():
            return True
        if not self.root.is_dir():
            raise ArgumentError(f"Store: expected a folder, found the file {self.root}; name a folder.")
        log = self.root / "_delta_log"
        if log.is_dir():
            return not any(log.glob("*.json"))
        other = next((path.name for path in self.root.iterdir() if not path.name.startswith(("_", "."))), None)
        if other is not None and not log.is_dir():  # else another process has made a store of it just now
            raise ArgumentError(
                f"Store: expected a store or an empty folder, found {other!r} in {self.root}; name another folder."
            )
        return other is None

    def make(self) -> None:
        """Make the folder, for its owner alone."""
        if kind := network(self.root):
            notify(
                f"{self.root}: expected a disk of this machine, found one of the network ({kind}), where a lock may "
                "not hold and a file may not be there at once; keep the store on a local disk, or in a bucket."
            )
        self.root.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)

    def uri(self, name: str) -> str:
        """Return what a reader of files takes for the file `name`."""
        return str(self.root / name)

    def get(self, name: str) -> bytes:
        """Return what is in a file."""
        return (self.root / name).read_bytes()

    def has(self, name: str) -> bool:
        """Whether a file is there."""
        return (self.root / name).is_file()

    def size(self, name: str) -> int:
        """Return the bytes of a file."""
        return (self.root / name).stat().st_size

    def put(self, name: str, data: bytes) -> None:
        """Write a file, unless it is there: its name says what is in it."""
        path = self.root / name
        if path.exists() and path.stat().st_size == len(data) and path.read_bytes() == data:
            return
        path.parent.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
        new = path.with_name(f".{secrets.token_hex(8)}.tmp")
        try:
            with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            new.replace(path)
        except BaseException:
            new.unlink(missing_ok=True)
            raise
        self._settle(path.parent)

    def digest(self, name: str) -> str:
        """Return the sha256 of a file, a part at a time."""
        with (self.root / name).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    @contextmanager
    def fresh(self) -> Iterator[Path]:
        """Give the path of a file that is to be written, which is gone afterwards unless it was adopted."""
        new = self.root / f".{secrets.token_hex(8)}.tmp"
        os.close(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        try:
            yield new
        finally:
            new.unlink(missing_ok=True)

    def adopt(self, new: Path, folder: str, suffix: str) -> tuple[str, int]:
        """Name a fresh file by its content, see that it is on the disk, and return its name and size."""
        name, size = f"{folder}{self.digest(new.name)}{suffix}", new.stat().st_size
        (self.root / folder).mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
        with new.open("rb") as file:
            os.fsync(file.fileno())
        new.replace(self.root / name)
        self._settle(self.root / folder)
        return name, size

    def keep(self, name: str) -> None:
        """See that a file that another library wrote is on the disk."""
        with (self.root / name).open("rb") as file:
            os.fsync(file.fileno())
        self._settle((self.root / name).parent)

    def older(self, folder: str, than: float) -> list[str]:
        """Return the files of a folder that were last written before the Unix time `than`."""
        found = sorted((self.root / folder).rglob("*"))
        return [
            path.relative_to(self.root).as_posix() for path in found if path.is_file() and path.stat().st_mtime < than
        ]

    def delete(self, name: str) -> None:
        """Delete a file, if it is there."""
        (self.root / name).unlink(missing_ok=True)

    def _settle(self, folder: Path) -> None:
        """A file is only there after a loss of power if its folder was written too."""
        if os.name != "posix":
            return
        while True:
            handle = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
            if folder == self.root:
                return
            folder = folder.parent


class Bucket:
    """A place on an object store; `options` are those of Delta Lake for it."""

    def __init__(self, url: str, options: dict[str, str] | None) -> None:
        from deltalake._internal import DeltaFileSystemHandler

        self.url, self.options = url.rstrip("/"), options
        self._files: Any = DeltaFileSystemHandler(self.url, options)

    @property
    def is_new(self) -> bool:
        """Whether nothing has been stored yet."""
        from deltalake import DeltaTable

        return not DeltaTable.is_deltatable(self.url, self.options)

    def make(self) -> None:
        """Nothing: a bucket is there."""

    def uri(self, name: str) -> str:
        """Return what a reader of files takes for the file `name`."""
        return f"{self.url}/{name}"

    def get(self, name: str) -> bytes:
        """Return what is in a file."""
        file = self._files.open_input_file(name)
        data: bytes = file.read(file.size())
        return bytes(data)

    def has(self, name: str) -> bool:
        """Whether a file is there."""
        try:
            self.size(name)
        except Exception:  # noqa: BLE001 (each object store says so in its own words)
            return False
        return True

    def size(self, name: str) -> int:
        """Return the bytes of a file."""
        return int(self._files.open_input_file(name).size())

    def put(self, name: str, data: bytes) -> None:
        """Write a file."""
        stream = self._files.open_output_stream(name)
        stream.write(data)
        stream.close()

    def digest(self, name: str) -> str:
        """Return the sha256 of a file."""
        return hashlib.sha256(self.get(name)).hexdigest()

    @contextmanager
    def fresh(self) -> Iterator[Path]:
        """Give the path of a file of this machine that is gone afterwards."""
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder) / "new"

    def adopt(self, new: Path, folder: str, suffix: str) -> tuple[str, int]:
        """Put a fresh file under the name of its content, and return its name and size."""
        data = new.read_bytes()
        name = f"{folder}{hashlib.sha256(data).hexdigest()}{suffix}"
        self.put(name, data)
        return name, len(data)

    def keep(self, name: str) -> None:
        """Nothing: an object store keeps what it took."""

    def older(self, folder: str, than: float) -> list[str]:  # noqa: ARG002 (what a folder can tell)
        """Return nothing: the rules of the bucket's own life cycle are for this."""
        return []

    def delete(self, name: str) -> None:
        """Delete a file."""
        self._files.delete_file(name)


Place = Folder | Bucket


def place(path_or_url: str | os.PathLike[str], options: dict[str, str] | None) -> Place:
    """Return where `path_or_url` is; ``~`` is your own folder."""
    text = os.fspath(path_or_url) if isinstance(path_or_url, str | os.PathLike) else ""
    if not isinstance(text, str) or not text:
        raise ArgumentError(f"Store: expected a path or a URL, found {path_or_url!r}; name a folder.")
    if text.startswith("file://"):
        text = unquote(urlsplit(text).path)
    if "://" in text:
        if urlsplit(text).password or urlsplit(text).username:
            raise ArgumentError("Store: expected a URL without a password, found one; pass it in storage_options.")
        return Bucket(text, options)
    return Folder(Path(text).expanduser().absolute())
