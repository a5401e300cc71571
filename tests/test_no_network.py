"""The guard that keeps tests, and every kernel they start, off the network and off files."""

import os
import socket
import subprocess
import sys

import pytest
from sitecustomize import NetworkAccess, is_local


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "", None, "127.8.0.1"])
def test_this_machine_is_local(host):
    assert is_local(host)


@pytest.mark.parametrize("host", ["192.0.2.1", "example.org", "2001:db8::1", "10.0.0.1"])
def test_other_machines_are_not(host):
    assert not is_local(host)


def test_connecting_elsewhere_fails():
    with socket.socket() as outgoing, pytest.raises(NetworkAccess, match=r"192\.0\.2\.1"):
        outgoing.connect(("192.0.2.1", 80))


def test_looking_up_a_name_fails():
    with pytest.raises(NetworkAccess, match="example"):
        socket.getaddrinfo("example.org", 443)


def test_children_are_bound_too():
    code = "import socket; socket.create_connection(('example.org', 80), timeout=2)"
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert child.returncode != 0 and "NetworkAccess" in child.stderr


def test_kernels_are_bound_too():
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(kernel_name="python3")
    try:
        code = "import urllib.request as u; u.urlopen('http://example.org', timeout=2)"
        reply = client.execute_interactive(code, output_hook=lambda _: None, timeout=60)
        assert reply["content"]["ename"] == "NetworkAccess"
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


WRITINGS = [
    "open('{0}/new', 'w')",
    "open('{0}/old', 'a')",
    "import os; os.open('{0}/new', os.O_WRONLY | os.O_CREAT)",
    "import os; os.mkdir('{0}/folder')",
    "import os; os.remove('{0}/old')",
    "import os; os.rename('{0}/old', '{0}/new')",
    "import os; os.rename('{1}/old', '{0}/new')",
    "import os; os.rename('{0}/old', '{1}/new')",
    "import pathlib; pathlib.Path('{0}/old').write_text('')",
    "import os; os.chdir('{0}'); open('new', 'x')",
]


@pytest.mark.parametrize("code", WRITINGS)
def test_folders_can_be_made_read_only(code, tmp_path):
    for name in ("kept", "free"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "old").write_text("words")
    kept, free = tmp_path / "kept", tmp_path / "free"
    environment = {**os.environ, "COURSE_READ_ONLY": str(kept)}
    code = code.format(kept, free)
    run = [sys.executable, "-c", code]
    child = subprocess.run(run, env=environment, capture_output=True, text=True)
    assert child.returncode != 0 and "PermissionError" in child.stderr
    assert [path.name for path in kept.iterdir()] == ["old"]
    assert (kept / "old").read_text() == "words"
    reading = f"assert open('{kept}/old').read() == 'words'; open('{free}/new', 'w')"
    subprocess.run([sys.executable, "-c", reading], env=environment, check=True)
