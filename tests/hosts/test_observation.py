"""How the observation of a run is made and shared; needs no lab."""

from __future__ import annotations

import multiprocessing
import subprocess
from pathlib import Path
from types import SimpleNamespace

from inventory.load import load
from inventory.plan import plan
from tests.hosts import observation


def shell(script: str) -> str:
    return subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False).stdout


def test_every_commands_output_is_found_under_its_name_as_it_was_printed() -> None:
    commands = {
        "two": "echo one\necho two",
        "nothing": "test -S /nowhere && echo reached",
        "lookalike": "echo 'a === b'; echo '=== c'",
        "elsewhere": "cd /tmp; exit 3",
        "unended": "printf unended",
        "last": "pwd",
    }
    seen = observation.read(shell("cd /; " + observation.script(commands)))
    assert list(seen) == list(commands)
    assert (seen["two"], seen["nothing"], seen["elsewhere"]) == ("one\ntwo\n", "", "")
    assert seen["lookalike"] == "a === b\n=== c\n"
    assert (seen["unended"], seen["last"]) == ("unended", "/\n")


def test_a_host_that_cannot_be_asked_does_not_hide_the_others() -> None:
    def observe(name: str) -> dict[str, str]:
        if name == "gone":
            raise OSError("no route")
        return {"name": name}

    seen = observation.gather(["a", "gone", "b"], observe)
    assert (seen["a"], seen["b"]) == ({"name": "a"}, {"name": "b"})
    assert seen["gone"] == {observation.UNREACHED: "gone cannot be asked: no route"}


def test_only_hosts_that_a_test_of_this_run_takes_are_asked() -> None:
    first, second, *_ = plan(load()).hosts()
    parameters = [{"any_host": second}, {"router": first, "count": 3}, {"any_host": second}]
    items = [SimpleNamespace(callspec=SimpleNamespace(params=params)) for params in parameters]
    assert observation.hosts_of([*items, SimpleNamespace()]) == sorted([first.name, second.name])


def ask_once(folder: str) -> None:
    place = Path(folder)

    def make() -> dict[str, int]:
        with (place / "made").open("a") as made:
            made.write("x")
        return {"answer": 42}

    assert observation.once(place / "seen.json", make) == {"answer": 42}
    with (place / "read").open("a") as read:
        read.write("x")


def test_all_workers_of_a_run_share_one_observation(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=ask_once, args=(str(tmp_path),)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert (tmp_path / "made").read_text() == "x"
    assert (tmp_path / "read").read_text() == "xxxx"
