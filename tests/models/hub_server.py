"""A small hub on this machine, which speaks as much of the real one's API as its client asks for."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import unquote, urlsplit

_INFO = re.compile(r"/api/models/(?P<repo>[^/]+/[^/]+?)(?:/revision/(?P<revision>.+))?")
_TREE = re.compile(r"/api/models/(?P<repo>[^/]+/[^/]+)/tree/(?P<revision>[^/]+)")
_FILE = re.compile(r"/(?P<repo>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<path>.+)")


def commit_of(revision: str) -> str:
    """The commit that a branch or tag of every repository points to."""
    return hashlib.sha1(revision.encode()).hexdigest()


def files_in(folder: Path) -> list[str]:
    """All files below a folder, by their paths in it."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@dataclass
class Hub:
    """What the server serves, and what it was asked for.

    url: where it listens.
    repositories: name -> branch or tag -> folder.
    gated: names that are not given to just anyone.
    fetched: paths of the files that were fetched, in order.
    """

    url: str
    repositories: Mapping[str, Mapping[str, Path]]
    gated: tuple[str, ...] = ()
    fetched: list[str] = field(default_factory=list)
    requests: int = 0

    def find(self, repo: str, revision: str) -> tuple[str, Path] | str:
        """Commit and folder, or the code of the error."""
        if repo in self.gated:
            return "GatedRepo"
        if repo not in self.repositories:
            return "RepoNotFound"
        for name, folder in self.repositories[repo].items():
            if revision in (name, commit_of(name)):
                return commit_of(name), folder
        return "RevisionNotFound"


@contextmanager
def serve(repositories: Mapping[str, Mapping[str, Path]], gated: tuple[str, ...] = ()) -> Iterator[Hub]:
    """Run the server as long as the context lasts."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.hub = Hub(f"http://127.0.0.1:{server.server_port}", repositories, gated)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server.hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def log_message(self, *_) -> None:
        pass

    def _answer(self, with_body: bool) -> None:
        hub = self.server.hub
        hub.requests += 1
        path = unquote(urlsplit(self.path).path)
        asked = _TREE.fullmatch(path) or _INFO.fullmatch(path) or _FILE.fullmatch(path)
        found = hub.find(asked["repo"], asked["revision"] or "main") if asked else "EntryNotFound"
        if isinstance(found, str):
            self._send(403 if found == "GatedRepo" else 404, {"X-Error-Code": found}, b"{}", with_body)
        elif "path" in asked.groupdict():
            self._send_file(*found, asked["path"], with_body)
        elif asked.re is _TREE:
            self._send_tree(found[1], with_body)
        else:
            self._send_info(*found, asked["repo"], with_body)

    def _send_info(self, commit: str, folder: Path, repo: str, with_body: bool) -> None:
        siblings = [{"rfilename": name} for name in files_in(folder)]
        self._send_json({"id": repo, "sha": commit, "siblings": siblings}, with_body)

    def _send_tree(self, folder: Path, with_body: bool) -> None:
        """The files once more, as clients since 1.0 ask for them."""
        sizes = {name: (folder / name).stat().st_size for name in files_in(folder)}
        tree = [{"type": "file", "path": name, "size": size, "oid": "0"} for name, size in sizes.items()]
        self._send_json(tree, with_body)

    def _send_json(self, content: object, with_body: bool) -> None:
        self._send(200, {"Content-Type": "application/json"}, json.dumps(content).encode(), with_body)

    def _send_file(self, commit: str, folder: Path, path: str, with_body: bool) -> None:
        if with_body:
            self.server.hub.fetched.append(path)
        content = (folder / path).read_bytes()
        headers = {"ETag": f'"{hashlib.sha1(content).hexdigest()}"', "X-Repo-Commit": commit}
        self._send(200, headers, content, with_body)

    def _send(self, status: int, headers: Mapping[str, str], body: bytes, with_body: bool) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if with_body:
            self.wfile.write(body)
