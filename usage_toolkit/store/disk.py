"""What kind of disk a folder is on, where the system tells: on one of the network, locks and renames may not hold."""

from __future__ import annotations

import re
from pathlib import Path

MOUNTS = Path("/proc/self/mountinfo")
_NETWORK = re.compile(r"nfs\d?|cifs|smb\w*|9p|afs|ceph|glusterfs|lustre|davfs|fuse\.(sshfs|rclone|s3fs|gcsfuse)")
_ESCAPE = re.compile(r"\\([0-7]{3})")


def network(folder: Path) -> str | None:
    """Return the kind of the network's disk that a folder is on, or will be; None if it is on none, or nobody knows."""
    try:
        lines = MOUNTS.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    kinds: dict[Path, str] = {}
    for line in lines:
        before, _, after = line.partition(" - ")
        if len(before.split()) > 4 and after:  # noqa: PLR2004 (the mount point is the fifth word)
            kinds[Path(_ESCAPE.sub(lambda octal: chr(int(octal[1], 8)), before.split()[4]))] = after.split()[0]
    where = folder.resolve()
    found = next((kinds[path] for path in (where, *where.parents) if path in kinds), "")
    return found if _NETWORK.fullmatch(found) else None
