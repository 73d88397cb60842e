"""A stand-in for the Hugging Face hub in a thread of this process: the few routes that its client uses to push and to fetch.

Written from the client's requests; answers have the headers by which the client tells what went wrong.
"""

import base64
import contextlib
import hashlib
import json
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from urllib.parse import unquote

import yaml

from recipes.hub.licences import LICENCES
from tests.worlds.server import answering

WRITER, READER = "hf_writer", "hf_reader"


@dataclass
class Repository:
    """Commits are whole sets of files."""

    private: bool
    commits: list[tuple[str, dict[str, bytes]]] = field(
        default_factory=lambda: [("0" * 40, {".gitattributes": b""})]
    )

    def at(self, revision):
        if revision == "main":
            return self.commits[-1]
        return next((commit for commit in self.commits if commit[0] == revision), None)


@dataclass
class Hub:
    """Repositories by their name, what was asked for, and the large files that were uploaded."""

    repositories: dict[str, Repository] = field(default_factory=dict)
    requests: list[tuple[str, str]] = field(default_factory=list)
    large: dict[str, bytes] = field(default_factory=dict)
    told_sizes: dict[str, int] = field(default_factory=dict)
    """Of files, in the place of their own."""
    address: str = ""

    def put(self, name, files, private=False):
        """A repository with these files; its commit."""
        repository = self.repositories.setdefault(name, Repository(private))
        commit = hashlib.sha1(repr((name, len(repository.commits))).encode()).hexdigest()
        repository.commits.append((commit, {**repository.commits[-1][1], **files}))
        return commit

    @property
    def fetched(self):
        return [path for method, path in self.requests if method == "GET" and "/resolve/" in path]


@contextlib.contextmanager
def hub_serving():
    """A hub that is there inside the block: "ada" has the token ``WRITER``, and ``READER`` may read what is public."""
    hub = Hub()
    with answering(type("Handler", (_Handler,), {"hub": hub})) as hub.address:
        yield hub


class _Handler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, content=b"", **headers):
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        kind = "application/octet-stream" if isinstance(content, bytes) else "application/json"
        for name, value in {"Content-Type": kind, "Content-Length": len(body), **headers}.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def refuse(self, status, code, message):
        self.answer(status, {"error": message}, X_Error_Code=code, X_Error_Message=message)

    @property
    def token(self):
        return (self.headers.get("Authorization") or "").removeprefix("Bearer ")

    def readable(self, name):
        """The repository where the token may read it; None, answered, where not."""
        repository = self.hub.repositories.get(name)
        if repository is None or (repository.private and self.token != WRITER):
            self.refuse(404 if self.token else 401, "RepoNotFound", "Repository not found")
            return None
        return repository

    def handle_any(self):
        path = unquote(self.path.partition("?")[0])
        self.hub.requests.append((self.command, path))
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if path.startswith("/api/models/"):
            self.models(path.removeprefix("/api/models/").split("/"), body)
        elif path == "/api/repos/create":
            self.create(json.loads(body))
        elif path == "/api/validate-yaml":
            self.validate(json.loads(body)["content"])
        elif path.endswith(".git/info/lfs/objects/batch"):
            self.batch(json.loads(body))
        elif path.startswith("/lfs/"):
            self.hub.large[path.removeprefix("/lfs/")] = body
            self.answer(200)
        else:
            self.resolve(path[1:].split("/"))

    do_GET = do_HEAD = do_POST = do_PUT = handle_any  # noqa: N815 (names of the base class)

    def models(self, parts, body):
        name, rest = "/".join(parts[:2]), parts[2:]
        repository = self.readable(name)
        if repository is None:
            return
        if rest and rest[0] in ("preupload", "commit") and self.token != WRITER:
            self.refuse(403, "Forbidden", "You have read access but not the required permissions")
        elif rest and rest[0] == "preupload":
            files = json.loads(body)["files"]
            modes = {f["path"]: "lfs" if f["path"].endswith(".safetensors") else "regular" for f in files}
            told = [{"path": path, "uploadMode": mode, "shouldIgnore": False} for path, mode in modes.items()]
            self.answer(200, {"files": told})
        elif rest and rest[0] == "commit":
            self.commit(name, repository, [json.loads(line) for line in body.splitlines()])
        else:
            at = repository.at(rest[1] if rest else "main")
            if at is None:
                self.refuse(404, "RevisionNotFound", "Invalid rev id")
                return
            sizes = {name: len(content) for name, content in at[1].items()} | self.hub.told_sizes
            siblings = [{"rfilename": file, "size": sizes[file]} for file in at[1]]
            self.answer(200, {"id": name, "sha": at[0], "private": repository.private, "siblings": siblings})

    def create(self, asked):
        name = f"{asked['organization']}/{asked['name']}"
        if not self.token:
            self.refuse(401, "Unauthorized", "Invalid username or password.")
        elif asked["organization"] != "ada" or self.token != WRITER:
            self.refuse(403, "Forbidden", "You don't have the rights to create a model under this namespace")
        elif name in self.hub.repositories:
            self.answer(
                409, {"error": "You already created this model repo", "url": f"{self.hub.address}/{name}"}
            )
        else:
            self.hub.repositories[name] = Repository(asked.get("visibility") == "private")
            self.answer(200, {"url": f"{self.hub.address}/{name}"})

    def validate(self, content):
        metadata = yaml.safe_load(content.split("---\n")[1])
        errors = (
            [] if metadata.get("license") in LICENCES else [{"message": "license must be one of the list"}]
        )
        self.answer(400 if errors else 200, {"errors": errors, "warnings": []})

    def batch(self, asked):
        objects = [
            {**one, "actions": {"upload": {"href": f"{self.hub.address}/lfs/{one['oid']}"}}}
            for one in asked["objects"]
        ]
        self.answer(200, {"objects": objects, "transfer": "basic"})

    def commit(self, name, repository, lines):
        files = dict(repository.commits[-1][1])
        for line in lines[1:]:
            value = line["value"]
            if line["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "lfsFile":
                files[value["path"]] = self.hub.large[value["oid"]]
            else:
                del files[value["path"]]
        commit = hashlib.sha1(repr((name, len(repository.commits))).encode()).hexdigest()
        repository.commits.append((commit, files))
        self.answer(200, {"commitUrl": f"{self.hub.address}/{name}/commit/{commit}", "commitOid": commit})

    def resolve(self, parts):
        repository = self.readable("/".join(parts[:2]))
        if repository is None:
            return
        at = repository.at(parts[3])
        content = None if at is None else at[1].get("/".join(parts[4:]))
        if content is None:
            self.refuse(404, "RevisionNotFound" if at is None else "EntryNotFound", "Entry not found")
        else:
            etag = f'"{hashlib.sha256(content).hexdigest()}"'
            self.answer(200, content, X_Repo_Commit=at[0], ETag=etag, X_Linked_Size=len(content))
