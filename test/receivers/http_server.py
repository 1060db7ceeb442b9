"""A Mailkit endpoint on Python's own http.server. With the argument "strict" it knows the documented values alone."""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

METHODS = {"link_in_mail", "manual", "spam_report", "list-unsubscribe_mail", "api_unsubscribe", "list-unsubscribe_oneclick", "timeout"}
STRICT = "strict" in sys.argv
processed = []
bodies = set()


class Hook(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.body()
        if self.path == "/processed":
            self.answer(200, json.dumps(processed).encode())
        else:
            self.answer(405)

    def do_HEAD(self):
        self.answer(405)

    def do_POST(self):
        if STRICT:
            self.strict(self.rfile.read(int(self.headers["Content-Length"])))
        else:
            self.careful(self.body())

    def careful(self, body):
        if self.headers.get_content_type() != "application/json":
            return self.answer(415)
        try:
            event = json.loads(body.decode("utf-8"))
        except (ValueError, RecursionError):
            return self.answer(400)
        if not isinstance(event, dict):
            return self.answer(400)
        if body not in bodies:
            bodies.add(body)
            processed.append(event.get("EMAIL") or "")
        self.answer(200)

    def strict(self, body):
        event = json.loads(body)
        if event.get("METHOD", "manual") not in METHODS:
            raise ValueError(event["METHOD"])
        processed.append(event["EMAIL"])
        self.answer(201)

    def body(self):
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        chunks = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def answer(self, status, body=b""):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True

    def handle_error(self, *_):
        pass


server = Server(("127.0.0.1", 0), Hook)
print(server.server_address[1], flush=True)
server.serve_forever()
