"""Builds the image, and lays its files open."""

from __future__ import annotations

import configparser
import contextlib
import json
import os
import shutil
import ssl
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

PROJECT = Path(__file__).parents[2]
CACHE = PROJECT / "build" / "image"
"""Layers are kept here, out of git: a second run builds only what has changed."""

_BASE = "debian:bookworm-slim"
_TAG = "mintcast"
_PIP_CONF = Path("/etc/pip.conf")
_IMAGE_BUNDLE = Path("/etc/pip-ca.pem")


class BuildError(Exception):
    """A tool failed; holds the end of what it said."""


@dataclass(frozen=True, slots=True)
class Image:
    """An image: its files under `root`, and what its Dockerfile says of running it."""

    root: Path
    megabytes: float
    config: dict[str, Any]

    @property
    def environment(self) -> dict[str, str]:
        """ENV."""
        return dict(line.split("=", 1) for line in self.config["Env"])

    @property
    def user(self) -> tuple[int, int]:
        """USER, as numbers."""
        uid, gid = self.config["User"].split(":")
        return int(uid), int(gid)

    @property
    def health_check(self) -> list[str]:
        """HEALTHCHECK's command, which no shell reads."""
        kind, *command = self.config["Healthcheck"]["Test"]
        assert kind == "CMD", f"HEALTHCHECK is a {kind}"
        return list(command)


class Builder:
    """Use as a context manager; leaving it ends what was laid open. The layers stay."""

    def __init__(self) -> None:
        CACHE.mkdir(parents=True, exist_ok=True)
        self._state = tempfile.TemporaryDirectory(prefix="mintcast-image-")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._run("rm", "--all")
        self._state.cleanup()

    def make_base(self) -> str:
        """What `FROM` names, of Debian's packages. Says whether it was made before."""
        with contextlib.suppress(BuildError):
            self._run("inspect", "--type", "image", _BASE)
            return f"{_BASE}, kept from before"
        root = Path(self._state.name) / "base"
        _call("debootstrap", "--variant=minbase", "bookworm", str(root))
        for archive in (root / "var/cache/apt/archives").glob("*.deb"):
            archive.unlink()
        container = self._run("from", "scratch")
        self._run("add", "--quiet", container, str(root), "/")
        self._run("commit", "--quiet", container, f"localhost/{_BASE}")
        shutil.rmtree(root)
        return f"{_BASE}, made by debootstrap"

    def build(self) -> str:
        """As `docker build` would, from the files of this folder."""
        mounts = [f"--volume={source}:{target}:ro" for source, target in self._pip()]
        self._run("bud", "--layers", "--pull-never", "--format=docker", *mounts,
                  f"--tag={_TAG}", str(PROJECT))  # fmt: skip
        return f"{_TAG}, of the Dockerfile"

    def open(self) -> Image:
        """The image that was built."""
        about = json.loads(self._run("inspect", "--type", "image", _TAG))
        container = self._run("from", "--pull-never", _TAG)
        layers = json.loads(about["Manifest"])["layers"]
        return Image(
            root=Path(self._run("mount", container)),
            megabytes=sum(layer["size"] for layer in layers) / 1e6,
            config=about["Docker"]["config"],
        )

    def _pip(self) -> Iterator[tuple[Path, Path]]:
        """How this machine reaches its package index, where it has to be told."""
        if not _PIP_CONF.exists():
            return
        settings = configparser.ConfigParser(interpolation=None)
        settings.read(_PIP_CONF)
        bundle = ssl.get_default_verify_paths().cafile
        if bundle is not None:
            settings["global"] = {**_section(settings, "global"), "cert": str(_IMAGE_BUNDLE)}
            yield Path(bundle).resolve(), _IMAGE_BUNDLE
        file = Path(self._state.name) / "pip.conf"
        with file.open("w") as stream:
            settings.write(stream)
        yield file, _PIP_CONF

    def _run(self, command: str, *arguments: str) -> str:
        """One command of buildah. Its state is this run's own: one that is killed leaves none."""
        where = ("--root", str(CACHE / "layers"), "--runroot", str(Path(self._state.name) / "run"))
        return _call("buildah", *where, command, *arguments)


def _section(settings: configparser.ConfigParser, name: str) -> dict[str, str]:
    return dict(settings[name]) if settings.has_section(name) else {}


def _call(*command: str) -> str:
    """Its standard output. Raises BuildError with the last lines that it printed."""
    environment = {**os.environ, "BUILDAH_ISOLATION": "chroot"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        said = "\n".join((done.stdout + done.stderr).splitlines()[-25:])
        raise BuildError(f"{' '.join(command[:1])} ended with {done.returncode}:\n{said}")
    return done.stdout.strip()
