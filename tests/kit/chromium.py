"""Where a Chromium comes from: the machine's own, else the one from the npm registry."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NODE_MODULES = ROOT / "node_modules"
PACKED = NODE_MODULES / "@sparticuz" / "chromium" / "bin"
UNPACKED = NODE_MODULES / ".chromium"
# First the one without a window to draw: the same pages for two thirds of the work.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
UNPACK = (
    "const fs=require('fs'),z=require('zlib'),s=require('stream');"
    "s.pipeline(fs.createReadStream(process.argv[1]),z.createBrotliDecompress(),"
    "fs.createWriteStream(process.argv[2]),e=>{if(e)throw e})"
)


class NoBrowserError(RuntimeError):
    """No Chromium can be had; the text says what to do."""


@dataclass(frozen=True)
class Command:
    """How to start the browser."""

    path: str
    environment: dict[str, str] = field(default_factory=dict)


def find() -> Command:
    """Return a Chromium: $CHROMIUM, one on the PATH, or the npm package, unpacked at first use."""
    wanted = os.environ.get("CHROMIUM")
    if wanted:
        return Command(wanted)
    for name in NAMES:
        path = shutil.which(name)
        if path:
            return Command(path)
    return _from_npm()


def _from_npm() -> Command:
    if not (PACKED / "chromium.br").exists():
        raise NoBrowserError("Install Debian's chromium, or let `make setup-dev` fetch one from npm.")
    ready = UNPACKED / "chromium"
    if not ready.exists():
        _unpack_all()
    libraries = os.pathsep.join([str(UNPACKED / "lib"), os.environ.get("LD_LIBRARY_PATH", "")]).rstrip(":")
    return Command(str(ready), {"LD_LIBRARY_PATH": libraries})


def _unpack_all() -> None:
    """Unpack beside the target first: two test workers may do it at once, the rename comes last."""
    draft = UNPACKED.with_name(f".chromium-{os.getpid()}")
    draft.mkdir(parents=True, exist_ok=True)
    _unpack(PACKED / "chromium.br", draft / "chromium")
    (draft / "chromium").chmod(0o755)
    for archive in ("al2023.tar.br", "swiftshader.tar.br"):
        tar = draft / archive.removesuffix(".br")
        _unpack(PACKED / archive, tar)
        with tarfile.open(tar) as opened:
            if hasattr(tarfile, "data_filter"):  # from 3.11.4 on
                opened.extraction_filter = tarfile.data_filter
            opened.extractall(draft)  # noqa: S202 - npm has checked its hash
        tar.unlink()
    try:
        draft.rename(UNPACKED)
    except OSError:  # another worker was faster
        shutil.rmtree(draft)


def _unpack(source: Path, target: Path) -> None:
    node = shutil.which("node") or shutil.which("node", path=str(ROOT / ".venv" / "node" / "bin"))
    if node is None:
        raise NoBrowserError("Unpacking the npm Chromium needs node: run `make setup-dev`.")
    subprocess.run([node, "-e", UNPACK, str(source), str(target)], check=True)
