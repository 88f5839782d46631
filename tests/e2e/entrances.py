"""What reaches a station from outside loopback: a client for its Unix socket and for HTTPS, and certificates.

    client = Client(unix_socket(path), host="earful.example.com")
    client.ask("GET", "/api/v1/session", {"X-Forwarded-User": "noa"})    # (status, headers, answer)
"""

import collections
import json
import socket
import ssl
import subprocess

HOST = "earful.example.com"
ORIGIN = "https://" + HOST
HEADER = "X-Forwarded-User"

Answer = collections.namedtuple("Answer", "status headers body")


def unix_socket(path):
    def connect():
        opened = socket.socket(socket.AF_UNIX)
        opened.settimeout(20)
        opened.connect(str(path))
        return opened
    return connect


def tcp(port, address="127.0.0.1"):
    return lambda: socket.create_connection((address, port), timeout=20)


def over_tls(address, port, certificate, name, version=None):
    def connect():
        context = ssl.create_default_context(cafile=certificate)
        if version:
            context.maximum_version = version
        return context.wrap_socket(tcp(port, address)(), server_hostname=name)
    return connect


def certificate(folder, name="server", host=HOST):
    """A self-signed pair of PEM files: (certificate, key)."""
    made = [folder / f"{name}.pem", folder / f"{name}.key"]
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-out", made[0], "-keyout", made[1], "-subj", f"/CN={host}", "-days", "2",
                    "-addext", f"subjectAltName=DNS:{host}"], check=True, capture_output=True)
    made[1].chmod(0o600)
    return made


def free_port(address):
    with socket.socket() as probe:
        probe.bind((address, 0))
        return probe.getsockname()[1]


class Client:
    """Requests with exactly the headers given, each on a connection of its own."""

    def __init__(self, connect, host):
        self.connect = connect
        self.host = host

    def send(self, method, path, headers, body=None):
        """headers: a dict, or a list of pairs where one comes twice. The open connection."""
        pairs = list(headers.items() if isinstance(headers, dict) else headers)
        if not any(name.lower() == "host" for name, _ in pairs):
            pairs.insert(0, ("Host", self.host))
        data = b"" if body is None else json.dumps(body).encode()
        if body is not None:
            pairs += [("Content-Type", "application/json"), ("Content-Length", str(len(data)))]
        encoded = [name.encode() + b": " + (value if isinstance(value, bytes) else value.encode()) for name, value in pairs]
        opened = self.connect()
        opened.sendall(b"\r\n".join([f"{method} {path} HTTP/1.1".encode(), *encoded, b"Connection: close", b"", data]))
        return opened

    def ask(self, method, path, headers=(), body=None):
        with self.send(method, path, headers or {}, body) as opened:
            raw = b""
            while part := opened.recv(65536):
                raw += part
        head, _, rest = raw.partition(b"\r\n\r\n")
        lines = head.decode(errors="replace").split("\r\n")
        fields = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
        status = int(lines[0].split()[1]) if lines[0] else 0
        return Answer(status, fields, json.loads(rest) if "json" in fields.get("content-type", "") else rest.decode(errors="replace"))

    def code(self, *request):
        """(status, error code)."""
        answer = self.ask(*request)
        return answer.status, answer.body["error"]["code"] if isinstance(answer.body, dict) else None
