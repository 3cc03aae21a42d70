"""Downloads: nothing is fetched, and what comes out is made up. `urlretrieve`, `urlopen`, `requests.get`."""

from __future__ import annotations

import functools
import io
import json
import os
import urllib.parse
import urllib.request
from typing import Any

from . import contents
from .files import Files


def install(files: Files) -> None:
    """Wraps Python's own."""
    _urlretrieve(files)
    original = urllib.request.urlopen

    @functools.wraps(original)
    def urlopen(url: Any, *args: Any, **kwargs: Any) -> Any:
        data = _of_url(getattr(url, "full_url", url), files)
        return original(url, *args, **kwargs) if data is None else _Answer(data, str(url))

    urllib.request.urlopen = urlopen


def requests(module: Any, files: Files) -> None:
    """`requests`, where it is installed."""
    original = module.get

    @functools.wraps(original)
    def get(url: Any, *args: Any, **kwargs: Any) -> Any:
        data = _of_url(url, files)
        return original(url, *args, **kwargs) if data is None else _Answer(data, str(url))

    module.get = get


def _of_url(url: Any, files: Files) -> bytes | None:
    """Contents for an address that the user's code asks for, None where nothing can be made up."""
    frame = files.notes.asker()
    if frame is None or not isinstance(url, str) or urllib.parse.urlsplit(url).scheme not in ("http", "https", "ftp"):
        return None
    name = os.path.basename(urllib.parse.urlsplit(url).path)
    data = contents.of_file(name, frame)
    if data is not None:
        files.notes.say(f"the download {name!r}", f"{len(data)} made-up bytes: {contents.described(data)}")
    return data


class _Answer(io.BytesIO):
    """What a server says."""

    status = status_code = code = 200
    ok = True
    encoding = "utf-8"

    def __init__(self, data: bytes, url: str) -> None:
        super().__init__(data)
        self.content, self.url = data, url
        self.headers = {"content-length": str(len(data))}
        self.raw = self

    @property
    def text(self) -> str:
        """As text."""
        return self.content.decode("utf-8", "replace")

    def json(self) -> Any:
        """As data."""
        return json.loads(self.content)

    def iter_content(self, chunk_size: int = 1024, **_: Any) -> Any:
        """In parts."""
        return iter([self.content])

    def iter_lines(self, **_: Any) -> Any:
        """By lines."""
        return iter(self.content.splitlines())

    def raise_for_status(self) -> None:
        """All is well."""


def _urlretrieve(files: Files) -> None:
    """A download into a file: the file is made up when it is read."""
    original = urllib.request.urlretrieve

    @functools.wraps(original)
    def urlretrieve(url: str, filename: Any = None, *args: Any, **kwargs: Any) -> Any:
        if files.notes.asker() is None:
            return original(url, filename, *args, **kwargs)
        name = os.fspath(filename) if filename else os.path.basename(urllib.parse.urlsplit(url).path)
        if not os.path.exists(name):
            files.made.add(name)
            files.notes.say(f"the download {os.path.basename(name)!r}", "a file whose contents are made up")
        return name, {}

    urllib.request.urlretrieve = urlretrieve
