"""A web server in front of git's own http-backend, for tests: git-frontend.py ROOT USER PASSWORD [CERTIFICATE KEY]

USER may be an address such as http://127.0.0.1:1234 instead: then paths of a GitHub's API are handed on to it, as a
server of a forge would have both, and whoever asks for a repository is x-access-token.

The first part of a path says how it behaves; the rest names a repository below ROOT:
  /auth/     asks for USER and PASSWORD, and then serves
  /denied/   asks for a password that nobody has
  /forbidden/, /missing/, /broken/   answer 403, 404 and 500 to whoever has the password
  /away/     sends everybody to /auth/ at another name of this machine
  /garbage/  answers what is not git
  /hang/     stops in the middle of a pack, and goes on when something is written to its standard input
On standard output it says its port, then a line for each request: JSON with path, authorization and status.
"""
import base64
import http.server
import json
import os
import ssl
import subprocess
import sys
import threading
import urllib.error
import urllib.request

root, user, password = sys.argv[1:4]
api = None
if user.startswith("http://"):
    api, user = user, "x-access-token"
expected = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
lock = threading.Lock()
go_on = threading.Event()


def say(**facts):
    with lock:
        print(json.dumps(facts), flush=True)


def listen():
    for _ in sys.stdin:
        go_on.set()
    # Whoever started it is gone.
    os._exit(0)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def body(self):
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            parts = []
            while True:
                size = int(self.rfile.readline().split(b";")[0], 16)
                parts.append(self.rfile.read(size))
                self.rfile.readline()
                if size == 0:
                    return b"".join(parts)
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def reply(self, status, content=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def hand_on(self, content):
        address = api + (self.path.removeprefix("/api/v3") if self.path.startswith("/api/v3") else "/graphql")
        names = ["Authorization", "Accept", "Content-Type", "User-Agent", "X-GitHub-Api-Version", "If-None-Match"]
        headers = {name: self.headers[name] for name in names if name in self.headers}
        request = urllib.request.Request(address, content or None, headers, method=self.command)
        try:
            answer = urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            self.reply(answer.status, answer.read(), Content_Type=answer.headers.get("Content-Type", "text/plain"))

    def handle_request(self):
        content = self.body()
        if api and self.path.startswith("/api/"):
            return self.hand_on(content)
        path, _, query = self.path.partition("?")
        if api:
            path = "/auth" + path
        kind, _, rest = path.lstrip("/").partition("/")
        given = self.headers.get("Authorization")
        status = self.serve(kind, rest, path, query, content, given)
        say(path=self.path, method=self.command, authorization=given, status=status)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = handle_request

    def serve(self, kind, rest, path, query, content, given):
        if kind == "away":
            port = self.server.server_address[1]
            target = f"http://localhost:{port}/auth/{rest}" + (f"?{query}" if query else "")
            self.reply(302, Location=target)
            return 302
        if kind == "garbage":
            self.reply(200, os.urandom(70000), Content_Type="application/x-git-upload-pack-advertisement")
            return 200
        if kind == "denied" or given != expected:
            self.reply(401, b"no", WWW_Authenticate='Basic realm="git"')
            return 401
        fixed = {"forbidden": 403, "missing": 404, "broken": 500}.get(kind)
        if fixed:
            self.reply(fixed, b"no")
            return fixed
        status, headers, answer = self.backend(rest, query, content)
        if kind == "hang" and self.command == "POST" and rest.endswith("git-upload-pack") and b"PACK" in answer:
            half = answer.index(b"PACK") + 40
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer[:half])
            self.wfile.flush()
            say(path="hang")
            go_on.wait()
            try:
                self.wfile.write(answer[half:])
            except OSError:
                self.close_connection = True
            return status
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)
        return status

    def backend(self, rest, query, content):
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": "/nonexistent",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_PROJECT_ROOT": root,
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": "/" + rest,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(content)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "REMOTE_USER": user,
            "REMOTE_ADDR": "127.0.0.1",
        }
        output = subprocess.run(["git", "http-backend"], input=content, env=environment, capture_output=True).stdout
        head, _, answer = output.partition(b"\r\n\r\n")
        status, headers = 200, []
        for line in head.decode().split("\r\n"):
            name, _, value = line.partition(": ")
            if name == "Status":
                status = int(value.split()[0])
            elif name:
                headers.append((name, value))
        return status, headers, answer


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass


server = Server(("127.0.0.1", 0), Handler)
if len(sys.argv) > 4:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[4], sys.argv[5])
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
threading.Thread(target=listen, daemon=True).start()
say(port=server.server_address[1])
server.serve_forever()
