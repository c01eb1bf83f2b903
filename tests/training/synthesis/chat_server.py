"""A small endpoint on this machine that speaks OpenAI's protocol, and says what it is told to."""

from __future__ import annotations

import json
import re
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any


@dataclass(frozen=True)
class Step:
    """What one request gets.

    content: of the message, or a whole body if it is no string.
    delay: seconds before it comes.
    """

    content: Any = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0


@dataclass
class Chat:
    """What the server says, and what it was asked.

    url: where it listens.
    steps: texts -> what the requests about them get, one after the other; the last one stays.
    asked: texts -> the bodies of the requests about them.
    """

    url: str
    steps: Mapping[str, Sequence[Step]]
    asked: dict[str, list[dict]] = field(default_factory=lambda: defaultdict(list))
    paths: list[str] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def next(self, body: dict) -> Step:
        (text,) = re.findall(r"<text>\n(.*)\n</text>", body["messages"][-1]["content"], re.DOTALL)
        with self.lock:
            steps = self.steps[text]
            step = steps[min(len(self.asked[text]), len(steps) - 1)]
            self.asked[text].append(body)
        return step


@contextmanager
def serve(steps: Mapping[str, Sequence[Step]]) -> Iterator[Chat]:
    """Run the server as long as the context lasts."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.chat = Chat(f"http://127.0.0.1:{server.server_port}/v1", steps)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server.chat
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_) -> None:
        pass

    def do_POST(self) -> None:
        chat = self.server.chat
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        chat.paths.append(self.path)
        chat.keys.append(self.headers["Authorization"])
        step = chat.next(body)
        time.sleep(step.delay)
        content = step.content
        if isinstance(content, str):
            content = {"choices": [{"message": {"role": "assistant", "content": content}}]}
        payload = content if isinstance(content, bytes) else json.dumps(content).encode()
        try:
            self.send_response(step.status)
            for name, value in {**step.headers, "Content-Length": str(len(payload))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(payload)
        except (BrokenPipeError, ConnectionResetError):
            pass  # whoever asked has given up
