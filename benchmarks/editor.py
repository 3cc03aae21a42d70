"""What an editor waits for: see README.md beside this file."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from figures import Figure, add_options, seconds, table_of

FIXTURES = Path(__file__).parent.parent / "fixtures"
BARE = Path(__file__).parent / "bare_server.py"
FIXED, LONG = "loss_after_the_block", "trainer_with_a_config_and_an_optimizer"
CAPABILITIES = {
    "textDocument": {"codeAction": {"dataSupport": True, "resolveSupport": {"properties": ["edit"]}}},
}
Json = dict[str, Any]


class Editor:
    """A client with one server. It reads when it waits."""

    def __init__(self, command: list[str], folder: Path, environment: dict[str, str]) -> None:
        self.folder, self.sent, self.versions = folder, 0, dict[str, int]()
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env=environment,
        )
        self.request(
            "initialize",
            {
                "processId": os.getpid(),
                "rootUri": folder.as_uri(),
                "workspaceFolders": [{"uri": folder.as_uri(), "name": folder.name}],
                "capabilities": CAPABILITIES,
            },
        )
        self.tell("initialized", {})

    def _send(self, message: Json) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self.process.stdin.flush()

    def tell(self, method: str, params: Any) -> None:
        """Sends a notification."""
        self._send({"method": method, "params": params})

    def heard(self, wanted: Callable[[Json], bool]) -> Json:
        """Waits for a message. What the server asks meanwhile is answered with nothing."""
        stream = self.process.stdout
        assert stream is not None
        while True:
            size = 0
            while line := stream.readline().strip():
                name, _, value = line.partition(b":")
                size = int(value) if name.lower() == b"content-length" else size
            if not size:
                raise SystemExit(f"the server is gone: {self.process.args}")
            message: Json = json.loads(stream.read(size))
            if wanted(message):
                return message
            if "id" in message and "method" in message:
                self._send({"id": message["id"], "result": None})

    def request(self, method: str, params: Any) -> Any:
        """Sends a request and waits for the answer."""
        self.sent += 1
        ident = self.sent
        self._send({"id": ident, "method": method, "params": params})
        answer = self.heard(lambda m: m.get("id") == ident and "method" not in m)
        if "error" in answer:
            raise SystemExit(f"{method}: {answer['error']}")
        return answer["result"]

    def open(self, path: Path, text: str) -> str:
        """Opens a document and waits for its diagnostics."""
        uri = path.as_uri()
        self.versions[uri] = 1
        item = {"uri": uri, "languageId": "python", "version": 1, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": item})
        self.diagnosed(uri)
        return uri

    def change(self, uri: str, text: str) -> None:
        """Changes a document and waits for the diagnostics of what it is now."""
        self.versions[uri] += 1
        document = {"uri": uri, "version": self.versions[uri]}
        self.tell("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": text}]})
        self.diagnosed(uri)

    def diagnosed(self, uri: str) -> None:
        """Waits for the diagnostics of a document's version."""

        def wanted(message: Json) -> bool:
            if message.get("method") != "textDocument/publishDiagnostics":
                return False
            params = message["params"]
            return bool(params["uri"] == uri and params.get("version") == self.versions[uri])

        self.heard(wanted)

    def close(self) -> None:
        """Ends the server."""
        self.request("shutdown", None)
        self.tell("exit", None)
        self.process.wait(30)


def start(command: list[str], file: Path, environment: dict[str, str]) -> float:
    """Seconds from the start of a server to the diagnostics of a file."""
    began = time.perf_counter()
    editor = Editor(command, file.parent, environment)
    editor.open(file, file.read_text())
    took = time.perf_counter() - began
    editor.close()
    return took


def keystrokes(editor: Editor, file: Path, times: int) -> float:
    """Seconds from a keystroke in the block of a tape to the diagnostics, of the one that was disturbed least."""
    lines = file.read_text().split("\n")
    number = next(n for n, line in enumerate(lines) if "GradientTape" in line) + 1
    space = lines[number][: -len(lines[number].lstrip())]
    lines.insert(number, f"{space}typed = 1")
    uri = editor.open(file, "\n".join(lines))
    took = []
    for _ in range(times):
        lines[number] += "0"
        began = time.perf_counter()
        editor.change(uri, "\n".join(lines))
        took.append(time.perf_counter() - began)
    return min(took)


def quick_fix(editor: Editor, file: Path, times: int) -> float:
    """Seconds of a quick fix on a warm worker, each of a text that was not run before."""
    text = file.read_text()
    uri = editor.open(file, text)
    took = []
    for number in range(times + 1):
        editor.change(uri, f"{text}# {number}\n")
        span = {"start": {"line": 0, "character": 0}, "end": {"line": 9999, "character": 0}}
        context = {"diagnostics": [], "only": ["quickfix"]}
        params = {"textDocument": {"uri": uri}, "range": span, "context": context}
        action = next(a for a in editor.request("textDocument/codeAction", params) if "edit" not in a)
        began = time.perf_counter()
        if "edit" not in editor.request("codeAction/resolve", action):
            raise SystemExit(f"{file.name}: the fix was not proved")
        took.append(time.perf_counter() - began)
    return median(took[1:])  # the first one has TensorFlow imported


def cold(file: Path, environment: dict[str, str]) -> float:
    """Seconds of the command line for the same fix."""
    command = [sys.executable, "-m", "gradfix", "--diff", "--no-cache", file.name]
    began = time.perf_counter()
    done = subprocess.run(command, cwd=file.parent, env=environment, capture_output=True, check=False)
    if b"+++" not in done.stdout:
        raise SystemExit(f"{file.name}: {done.stderr.decode()}")
    return time.perf_counter() - began


def compared(name: str, ours: float, against: float, goal: float) -> Figure:
    """A line of the table, of seconds."""
    return Figure(name, seconds(ours), seconds(against), ours / against, goal)


def main() -> int:
    """Prints the table. Exit code 1 where a goal is not reached."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=7, help="starts of each server, of which the median counts")
    parser.add_argument("--keys", type=int, default=40, help="keystrokes in each file")
    parser.add_argument("--fixes", type=int, default=3, help="quick fixes, and cold calls beside them")
    add_options(parser)
    options = parser.parse_args()
    table = table_of(options)
    server = [sys.executable, "-m", "gradfix.lsp"]
    ruff = [sys.executable, "-m", "ruff", "server"]
    with tempfile.TemporaryDirectory() as place:
        files = {}
        for name in (FIXED, LONG):
            (Path(place) / name).mkdir()
            files[name] = Path(shutil.copy(FIXTURES / name / "before.py", Path(place) / name / "train.py"))
        typed = [files[FIXED]]
        for module in (textwrap, argparse):
            typed.append(Path(place) / LONG / f"below_{module.__name__}.py")
            typed[-1].write_text(Path(str(module.__file__)).read_text() + files[LONG].read_text())
        environment = dict(os.environ)
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # all is compiled once, as where pip has installed it
        bare = [sys.executable, str(BARE)]
        start(server, files[FIXED], environment)
        start(bare, files[FIXED], environment)
        pairs = [
            (start(server, files[FIXED], environment), start(bare, files[FIXED], environment))
            for _ in range(options.times)
        ]
        first, nothing = (median(times) for times in zip(*pairs, strict=True))
        table.add(compared("start to first diagnostics, against a bare server", first, nothing, 1.5))

        for file in typed:
            size = file.read_text().count("\n")
            took = []
            for command in (server, ruff):
                editor = Editor(command, file.parent, environment)
                took.append(keystrokes(editor, file, options.keys))
                editor.close()
            name = f"keystroke to diagnostics, {size} lines, against ruff server"
            table.add(compared(name, took[0], took[1], 3.0))

        editor = Editor(server, files[FIXED].parent, environment)
        warm = quick_fix(editor, files[FIXED], options.fixes)
        editor.close()
        calls = median(cold(files[FIXED], environment) for _ in range(options.fixes))
        table.add(compared("warm quick fix, against the cold command line", warm, calls, 0.25))
    return table.close()


if __name__ == "__main__":
    sys.exit(main())
