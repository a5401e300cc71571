"""Refuses every connection that leaves this machine.

Python imports a module of this name at start-up when its folder is on PYTHONPATH; the test
suite puts it there, so that every kernel and every server it starts is bound by it too.
"""

import ipaddress
import socket
import sys

LOCAL_NAMES = {"", "localhost", "ip6-localhost", "0.0.0.0", "::"}


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


def _watch(event: str, arguments: tuple) -> None:
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


sys.addaudithook(_watch)
