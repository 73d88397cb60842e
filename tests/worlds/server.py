"""A web server in a thread of this process, which answers as the test wants."""

import contextlib
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Site:
    """Files by their path, how they are served, and what was asked for."""

    files: dict[str, bytes] = field(default_factory=dict)
    ranges: bool = True
    """Whether it knows parts of files."""
    cut_after: int | None = None
    """It breaks off after so many bytes of a file."""
    requests: list[tuple[str, str | None]] = field(default_factory=list)
    """(path, the range asked for) of each request."""
    address: str = ""


@contextlib.contextmanager
def serving(**options):
    """A site that is there inside the block."""
    site = Site(**options)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            wanted = self.headers.get("Range")
            site.requests.append((self.path, wanted))
            content = site.files.get(self.path)
            if content is None:
                self.send_error(404)
                return
            start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and site.ranges else 0
            if start >= len(content):
                self.send_error(416)
                return
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(content) - start))
            self.end_headers()
            self.wfile.write(content[start:][: site.cut_after])

        def log_message(self, *_):
            pass

    with answering(Handler) as site.address:
        yield site


@contextlib.contextmanager
def answering(handler):
    """A server with this class of handlers, in a thread; its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
