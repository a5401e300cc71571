"""Refuses every connection that leaves this machine, and to write where it was told not to.

Python imports a module of this name at start-up when its folder is on PYTHONPATH; the test
suite puts it there, so that every kernel and every server it starts is bound by it too. The
folders that are not to be written to stand in COURSE_READ_ONLY: a check that holds for an
administrator, too, whom the permissions of files do not bind.
"""

import ipaddress
import os
import socket
import sys

LOCAL_NAMES = {"", "localhost", "ip6-localhost", "0.0.0.0", "::"}
READ_ONLY = tuple(
    os.path.join(os.path.realpath(folder), "")
    for folder in os.environ.get("COURSE_READ_ONLY", "").split(os.pathsep)
    if folder
)
TO_WRITE = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# Which arguments name what is changed.
CHANGED = {"os.mkdir": [0], "os.remove": [0], "os.rmdir": [0], "os.truncate": [0]}
CHANGED |= {"os.rename": [0, 1], "os.link": [1], "os.symlink": [1]}


def is_local(host: object) -> bool:
    """Whether `host` names this machine."""
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if host is None or host in LOCAL_NAMES or host == socket.gethostname():
        return True
    try:
        return ipaddress.ip_address(str(host).partition("%")[0]).is_loopback
    except ValueError:
        return False


class NetworkAccess(RuntimeError):
    """Something tried to reach another machine."""


def _watch_network(event: str, arguments: tuple) -> None:
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        if not isinstance(address, tuple):  # a Unix socket
            return
        host = address[0]
    else:
        return
    if not is_local(host):
        raise NetworkAccess(f"the course runs offline, but something asks for {host!r}")


def _watch_files(event: str, arguments: tuple) -> None:
    if event == "open":
        path, _, flags = arguments
        paths = [] if isinstance(path, int) or not flags & TO_WRITE else [path]
    else:
        paths = [arguments[k] for k in CHANGED.get(event, ())]
    for path in paths:
        whole = os.path.realpath(os.fsdecode(path))
        if os.path.join(whole, "").startswith(READ_ONLY):
            raise PermissionError(f"{whole} was to be written ({event}), which is not allowed here")


sys.addaudithook(_watch_network)
if READ_ONLY:
    sys.addaudithook(_watch_files)
