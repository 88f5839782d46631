"""Debian's nginx with packaging/nginx/earful.conf before a station, at an address of its own. Also a program:

    reverse_proxy.py FOLDER SOCKET ADDRESS PORT    until it is killed; its certificate is FOLDER/server.pem

Everybody in USERS may sign in; their password is their name.
"""

import os
import pathlib
import subprocess
import sys

from entrances import HOST, certificate

ROOT = pathlib.Path(__file__).resolve().parents[2]
NGINX = "/usr/sbin/nginx"
USERS = ("noa@example.com", "דנה")

AROUND = """daemon off;
{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 128; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/earful.conf;
}}
"""


def replaced(text, pairs):
    for old, new in pairs:
        assert text.count(old) == 1, f"earful.conf has {text.count(old)} times: {old}"
        text = text.replace(old, new)
    return text


def configure(folder, station_socket, address, port, change=()):
    """Writes what nginx needs; its command."""
    folder = pathlib.Path(folder)
    folder.mkdir(exist_ok=True)
    pair = certificate(folder)
    hashed = [subprocess.run(["openssl", "passwd", "-apr1", name], capture_output=True, text=True, check=True).stdout.strip()
              for name in USERS]
    (folder / "users").write_text("".join(f"{name}:{word}\n" for name, word in zip(USERS, hashed)))
    text = (ROOT / "packaging/nginx/earful.conf").read_text()
    (folder / "earful.conf").write_text(replaced(text, [
        ("server unix:/run/earful-agent/console.sock;", f"server unix:{station_socket};"),
        ("listen 443 ssl http2;", f"listen {address}:{port} ssl http2;"),
        ("listen [::]:443 ssl http2;", ""),
        ("/etc/ssl/earful/fullchain.pem", str(pair[0])), ("/etc/ssl/earful/privkey.pem", str(pair[1])),
        ("/etc/nginx/earful.users", str(folder / "users")), *change]))
    # A worker that is not root could not connect to a socket of root's.
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder, user=user))
    return [NGINX, "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf")]


def settings(station_socket, port):
    """The station's."""
    return (f'[http]\nlisten = "unix:{station_socket}"\npublic_origin = "https://{HOST}:{port}"\n'
            'identity_header = "X-Forwarded-User"\n')


if __name__ == "__main__":
    command = configure(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
    os.execv(command[0], command)
