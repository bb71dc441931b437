"""Joint printing on loopback: a city's terminal, the gateway, GnuPG, the drop."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import ssl
import subprocess

import pytest
from omi_print.transfer import PIECE

from .conftest import PYTHONPATH, Service, loopback

NOTICE = "納税通知書 辻\U000e0100井様 \uf8f0\n".encode()


class Printing:
    """Both ends, running."""

    def __init__(self, folder, certificates) -> None:
        self.folder, self.certificates = folder, certificates
        self.firm = folder / "firm"
        key = folder / "firm.asc"
        self.make_key(key)
        drop_settings = self.write("drop.json", folder=str(self.firm), gateways=["dc-print1"])
        self.drop = Service(
            "drop",
            "omi_print.web:drop()",
            certificates.folder / "dc-drop1",
            folder / "drop.log",
            OMI_PRINT=drop_settings,
        )
        self.settings = self.write(
            "gateway.json",
            folder=str(folder / "gateway"),
            cities=["konan", "kusatsu"],
            key=str(key),
            drop={
                "host": "localhost",
                "port": self.drop.port,
                "certificate": str(certificates.folder / "dc-print1"),
            },
        )
        self.gateway = Service(
            "gateway",
            "omi_print.web:gateway()",
            certificates.folder / "dc-print1",
            folder / "gateway.log",
            OMI_PRINT=self.settings,
        )

    def write(self, name: str, **content) -> str:
        (self.folder / name).write_text(json.dumps(content))
        return str(self.folder / name)

    def make_key(self, public) -> None:
        """The firm's key pair, by the commands of role ``print_drop``."""
        home = self.firm / "gnupg"
        home.mkdir(parents=True, mode=0o700)
        gpg = ["gpg", "--homedir", str(home), "--batch", "--quiet", "--passphrase", ""]
        subprocess.run(
            [*gpg, "--quick-generate-key", "Printing firm", "future-default", "default", "never"], check=True
        )
        subprocess.run([*gpg, "--yes", "--armor", "--output", str(public), "--export"], check=True)

    def push(self) -> loopback.Program:
        """The program that seals and hands over, for as long as it is left running."""
        command = ["/usr/bin/python3", "-m", "omi_print.push"]
        return loopback.Program(
            command, self.folder / "push.log", PYTHONPATH=PYTHONPATH, OMI_PRINT=self.settings
        )

    def send(self, city: str, *files, patience: float = 20) -> subprocess.CompletedProcess[str]:
        """What a terminal does."""
        options = ["--host", "localhost", "--port", str(self.gateway.port), "--patience", str(patience)]
        options += ["--certificate", str(self.certificates.folder / city)]
        return subprocess.run(
            ["/usr/bin/python3", "-m", "omi_print.send", *options, *map(str, files)],
            env={**os.environ, "PYTHONPATH": PYTHONPATH},
            capture_output=True,
            text=True,
        )

    def client(self, city: str):
        return loopback.Client(self.gateway.port, self.certificates.file, self.certificates.folder / city)

    def counts(self) -> dict:
        """The drop's, asked for by the gateway."""
        client = loopback.Client(
            self.drop.port, self.certificates.file, self.certificates.folder / "dc-print1"
        )
        return client.ask("GET", "/counts").json()

    def batch(self, name: str, notices: int, mark: str = "") -> tuple:
        """A file of so many notices, and its digest."""
        path = self.folder / name
        path.write_bytes(b"".join(f"{mark}{i} ".encode() + NOTICE for i in range(notices)))
        return path, hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def printing(certificates):
    loopback.needs("gunicorn", "haproxy", "gpg")
    with loopback.folder() as folder, contextlib.ExitStack() as stack:
        both = Printing(folder, certificates)
        stack.callback(
            subprocess.run, ["gpgconf", "--homedir", str(both.firm / "gnupg"), "--kill", "all"], check=False
        )
        for service in (both.drop, both.gateway):
            service.place(folder)
            stack.callback(service.leave)
            service.start()
            stack.callback(service.stop)
        yield both


def test_batches_of_two_cities_arrive_once_and_are_counted(printing):
    (konan, sha), (kusatsu, _) = printing.batch("k", 30, "k"), printing.batch("s", 7, "s")
    done = [printing.send("konan", konan), printing.send("kusatsu", kusatsu), printing.send("konan", konan)]
    assert [d.returncode for d in done] == [0, 0, 0], [d.stderr for d in done]
    assert f"30 notices, received, {sha}" in done[0].stdout
    push = printing.push()
    wanted = {"konan": {"batches": 1, "notices": 30}, "kusatsu": {"batches": 1, "notices": 7}}
    loopback.wait_until(lambda: printing.counts() == wanted, "delivery")
    again = printing.send("konan", konan)
    loopback.wait_until(lambda: "delivered" in printing.send("konan", konan).stdout, "the gateway's note")
    push.stop()
    assert again.returncode == 0
    assert printing.counts() == wanted
    assert (printing.firm / "accepted" / f"konan-{sha}").read_bytes() == konan.read_bytes()
    own = printing.client("kusatsu").ask("GET", "/counts").json()
    assert own["kusatsu"]["delivered"] == {"batches": 1, "notices": 7}
    assert list(own) == ["kusatsu"]
    assert not [p for p in (printing.folder / "gateway").rglob(f"*{sha}") if not p.name.startswith(".")]


def test_nothing_on_the_way_can_be_read(printing):
    konan, sha = printing.batch("k", 3)
    assert printing.send("konan", konan).returncode == 0
    printing.drop.stop()
    push = printing.push()
    sealed = printing.folder / "gateway" / "sealed" / f"konan-{sha}"
    loopback.wait_until(sealed.exists, "sealing")
    push.stop()
    assert (
        b"PGP" in subprocess.run(["file", str(sealed)], capture_output=True).stdout
        or sealed.read_bytes()[0] & 0x80
    )
    assert NOTICE not in sealed.read_bytes()
    home = printing.folder / "other"
    home.mkdir(mode=0o700)
    opened = subprocess.run(
        ["gpg", "--homedir", str(home), "--batch", "--decrypt", str(sealed)], capture_output=True
    )
    assert opened.returncode != 0
    assert b"No secret key" in opened.stderr
    printing.drop.start()


def test_an_upload_goes_on_where_it_stopped(printing):
    big, sha = printing.batch("big", 3 * PIECE // len(NOTICE))
    content = big.read_bytes()
    client = printing.client("konan")
    manifest = {"sha256": sha, "bytes": len(content), "notices": content.count(b"\n")}
    assert client.ask("PUT", f"/batches/{sha}", manifest).json() == {"state": "receiving", "offset": 0}
    client.ask("PATCH", f"/batches/{sha}", content[:1000], {"Upload-Offset": "0"})
    late = client.ask("PATCH", f"/batches/{sha}", content[:1000], {"Upload-Offset": "0"})
    assert (late.status, late.json()["offset"]) == (409, 1000)
    printing.gateway.kill()
    printing.gateway.start()
    assert client.ask("GET", f"/batches/{sha}").json() == {"state": "receiving", "offset": 1000}
    assert printing.client("kusatsu").ask("GET", f"/batches/{sha}").status == 404
    done = printing.send("konan", big)
    assert done.returncode == 0, done.stderr
    assert "received" in done.stdout


def test_ends_that_die_while_sending_lose_and_double_nothing(printing):
    """The gateway, the drop and the pusher are killed in the midst; all that was sent arrives once."""
    files = [printing.batch(f"b{i}", 4 * PIECE // len(NOTICE) + i, f"{i}:")[0] for i in range(3)]
    pushes = [printing.push()]
    for file, victim in zip(files, (printing.gateway, printing.drop, printing.gateway), strict=True):
        options = ["--host", "localhost", "--port", str(printing.gateway.port)]
        options += ["--certificate", str(printing.certificates.folder / "konan"), str(file)]
        sender = loopback.Program(
            ["/usr/bin/python3", "-m", "omi_print.send", *options],
            printing.folder / "send.log",
            PYTHONPATH=PYTHONPATH,
        )
        victim.kill()
        pushes[-1].process.kill()
        victim.start()
        pushes.append(printing.push())
        assert sender.process.wait(60) == 0, sender.said()
    notices = sum(file.read_bytes().count(b"\n") for file in files)
    wanted = {"konan": {"batches": 3, "notices": notices}}
    loopback.wait_until(lambda: printing.counts() == wanted, "delivery", 60)
    pushes[-1].stop()


def test_everything_wrong_with_a_manifest_is_said_at_once(printing):
    answer = printing.client("konan").ask(
        "PUT", f"/batches/{'0' * 64}", {"sha256": "x", "bytes": 0, "notices": True}
    )
    assert answer.status == 400
    assert [line.partition(":")[0] for line in answer.json()["wrong"]] == ["sha256", "bytes", "notices"]
    assert (
        printing.client("konan").ask("PATCH", f"/batches/{'0' * 64}", b"x", {"Upload-Offset": "0"}).status
        == 404
    )
    assert (
        printing.client("konan").ask("PATCH", f"/batches/{'0' * 64}", b"x", {"Upload-Offset": "-1"}).status
        == 400
    )


def test_files_that_are_no_batch_are_all_named(printing):
    (printing.folder / "cut").write_bytes(b"1\n2")
    (printing.folder / "empty").write_bytes(b"")
    done = printing.send("konan", *(printing.folder / n for n in ("cut", "empty", "none")))
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 3


def test_nobody_but_entitled_cities_sends_and_nobody_but_the_gateway_hands_over(printing):
    file, sha = printing.batch("k", 1)
    for name in ("nowhere", "dc-app1"):
        refused = printing.send(name, file)
        assert refused.returncode == 1
        assert "403" in refused.stderr
    for name in ("konan", "dc-app1"):
        at_drop = loopback.Client(
            printing.drop.port, printing.certificates.file, printing.certificates.folder / name
        )
        forged = {"X_Omi_Peer_Name": "dc-print1", "X-Omi-Peer-Organization": ""}
        assert at_drop.ask("GET", "/counts", headers=forged).status == 403
        assert at_drop.ask("PUT", f"/batches/konan-{sha}", {}).status == 403
    strange = loopback.Client(
        printing.gateway.port, printing.certificates.file, printing.certificates.folder / "strange" / "konan"
    )
    with pytest.raises((ssl.SSLError, ConnectionError)):
        strange.ask("GET", "/counts")


def test_a_gateway_that_is_away_is_said(printing):
    file, _ = printing.batch("k", 1)
    printing.gateway.stop()
    away = printing.send("konan", file, patience=2)
    assert away.returncode == 3
    assert "start again to go on" in away.stderr
    printing.gateway.start()
