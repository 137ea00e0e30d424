"""A disk of so many bytes."""

import contextlib
import subprocess

import pytest


@contextlib.contextmanager
def small_disk(folder, kilobytes):
    """Put a new, empty disk at a folder."""
    options = f"size={kilobytes}k,mode=0777"
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], capture_output=True
    )  # fmt: skip
    if mounted.returncode:
        pytest.skip("only root can mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def fill_up(folder):
    """Leave no room; returns the file to delete."""
    hog = folder / "hog"
    with contextlib.suppress(OSError), hog.open("wb", buffering=0) as stream:
        while True:
            stream.write(bytes(4096))
    return hog
