"""Verdicts: what is written and read back, what passes, and how runs are spread, kept and taken up again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from distributed import LocalCluster

from capacity.commands import judged
from capacity.commands import verdict as verdict_command
from capacity.failures import Failure, Part, single_failures
from capacity.figures import Figures
from capacity.hinges import hinges
from capacity.layout import Layout
from capacity.parameters import PATHS, Parameters
from capacity.run import Case, Job, simulate
from capacity.store import Store, key, read_lines
from capacity.verdict import cases, model, observe, path, worst_cases, write, write_up
from capacity.workers import Workers
from inventory.digest import digest
from inventory.model import Cloud
from inventory.verdict import read_verdict


class Inline:
    """Runs jobs where it stands, and counts them."""

    def __init__(self) -> None:
        self.count = 0

    def run(self, jobs: Sequence[Job]) -> list[Figures]:
        self.count += len(jobs)
        return [simulate(job) for job in jobs]


@pytest.fixture(scope="module")
def one_city(cloud: Cloud) -> Cloud:
    """Only the smallest city: quick to run, and everything is in it."""
    return Cloud(file=cloud.file, cities=(cloud.city("maibara"),))


@pytest.fixture(scope="module")
def jobs(eight: Layout, declared: Parameters) -> list[Job]:
    """A few runs of the smallest city."""
    small = replace(eight, cities=(eight.cities[6],))
    return [
        Job(small, declared, Case(failure, 1800.0), 1, ("morning", "replication"))
        for failure in list(single_failures(small))[:5]
    ]


def test_the_verdict_on_one_city_is_written_and_read_back(one_city: Cloud, tmp_path: Path) -> None:
    one = model(one_city)
    figures = observe(one, cases(one), Inline())
    made = write_up(one_city, worst_cases(one, figures), figures)
    target = write(made, tmp_path)
    assert target == path(tmp_path, digest(one_city))
    assert read_verdict(target.parent, made.digest) == made
    assert read_verdict(target.parent, "0" * 64) is None
    assert made.passed == all(level.passed for level in made.levels)
    assert {level.regime for level in made.levels} == {"normal", "degraded"}
    assert made.runs >= 5 * made.cases


def test_a_verdict_on_another_declaration_or_a_damaged_one_is_none(one_city: Cloud, tmp_path: Path) -> None:
    own = digest(one_city)
    one = model(one_city)
    figures = observe(one, cases(one)[:1], Inline())
    target = write(write_up(one_city, worst_cases(one, figures), figures), tmp_path)
    (target.parent / f"{'1' * 64}.json").write_bytes(target.read_bytes())
    assert read_verdict(target.parent, "1" * 64) is None
    target.write_text(target.read_text()[:-20])
    assert read_verdict(target.parent, own) is None


def observe_one(cloud: Cloud, case: Case) -> dict[Case, list[Figures]]:
    one = model(cloud)
    return {case: [simulate(Job(one.layout, one.parameters, case, seed)) for seed in (1, 2)]}


def test_the_upper_end_of_the_interval_decides_and_the_worst_case_is_named(cloud: Cloud) -> None:
    one = model(cloud)
    calm, busy = Case(Failure("calm"), 1800.0), Case(Failure("busy"), 300.0)
    lost = Case(Failure("lost", (Part("data_center", "dc"),)), 1800.0)
    figures = {
        calm: [Figures(30.0, 0, 1, 1, 1, 0)] * 5,
        busy: [Figures(value, 0, 1, 1, 1, 0) for value in (57.0, 58.0, 59.0, 60.0, 61.0)],
        lost: [Figures(30.0, 0, 1, 1, 1, 0)] * 5,
    }
    sign_in = next(level for level in worst_cases(one, figures) if level.level == "sign_in_p95")
    assert sign_in.case is busy
    assert sign_in.interval.mean == 59.0
    assert not sign_in.passed
    assert sign_in.undecided


def test_hinges_name_declared_quantities_and_what_lies_beyond_breaks_the_promise(one_city: Cloud) -> None:
    one = model(one_city)
    figures = {case: observe_one(one_city, case)[case] for case in cases(one)[:6]}
    worst = worst_cases(one, figures)
    found = hinges(one_city, one, worst, Inline())
    assert {hinge.quantity for hinge in found} <= set(PATHS.values())
    for hinge in found[:3]:
        name = next(name for name, path in PATHS.items() if path == hinge.quantity)
        factor = hinge.flips_at / hinge.value * (1.02 if hinge.flips_at > hinge.value else 0.98)
        case = next(w.case for w in worst if (w.level, w.regime) == (hinge.level, hinge.regime))
        worse = replace(one.parameters, **{name: getattr(one.parameters, name) * factor})
        limit = getattr(one.promise(hinge.regime), hinge.level).base
        assert getattr(simulate(Job(one.layout, worse, case, 1)), hinge.level) > limit


def test_processes_give_the_same_figures_as_this_one(jobs: list[Job], tmp_path: Path) -> None:
    assert Workers(Store(tmp_path / "results")).run(jobs) == Inline().run(jobs)


def test_a_dask_cluster_gives_the_same_figures_as_this_machine(jobs: list[Job], tmp_path: Path) -> None:
    options = {"n_workers": 1, "threads_per_worker": 1, "dashboard_address": None, "protocol": "tcp://"}
    with LocalCluster(processes=False, **options) as cluster:
        workers = Workers(Store(tmp_path / "results"), scheduler=cluster.scheduler_address)
        assert workers.run(jobs) == Inline().run(jobs)


def test_what_is_known_is_not_run_again_and_a_line_cut_short_is(jobs: list[Job], tmp_path: Path) -> None:
    results = tmp_path / "results"
    first = Workers(Store(results)).run(jobs)
    text = results.read_text()
    results.write_text(text[: len(text) - 10])
    seen: list[tuple[int, int]] = []
    again = Workers(Store(results), progress=lambda done, total: seen.append((done, total))).run(jobs)
    assert again == first
    assert seen == [(0, 1), (1, 1)]


def test_every_part_of_a_job_is_in_its_key(jobs: list[Job]) -> None:
    job = jobs[0]
    others = [
        replace(job, seed=2),
        replace(job, parts=("night",)),
        replace(job, case=Case(job.case.failure, 300.0)),
        replace(job, parameters=replace(job.parameters, present=0.5)),
        replace(job, layout=replace(job.layout, edges=("dc-edge1",))),
        jobs[1],
    ]
    assert len({key(other) for other in [job, *others]}) == 7
    assert key(replace(job)) == key(job)


def test_an_interrupt_keeps_what_is_done(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from capacity.commands import verdict;"
        "sys.exit(verdict(checkout=Path(sys.argv[1])))"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    running = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, start_new_session=True
    )
    deadline = time.monotonic() + 60
    # A line, not only the file: that is there a moment before what it is for.
    while time.monotonic() < deadline and not any(map(read_lines, tmp_path.rglob("*.jsonl"))):
        time.sleep(0.05)
    os.killpg(running.pid, signal.SIGINT)
    _, told = running.communicate(timeout=60)
    assert running.returncode == 130
    assert b"goes on from there" in told
    assert b"Traceback" not in told
    (kept,) = tmp_path.rglob("*.jsonl")
    assert len(Store(kept).known) >= 1


def test_a_bad_declaration_is_refused_with_all_its_faults(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verdict_command(add=["nowhere", "noplace"], checkout=tmp_path) == 2
    told = capsys.readouterr().err
    assert "nowhere" in told
    assert "noplace" in told
    assert not list(tmp_path.iterdir())


def test_a_scheduler_that_is_not_there_is_an_environment_fault(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verdict_command(scheduler="tcp://127.0.0.1:9", checkout=tmp_path) == 3
    assert "127.0.0.1:9" in capsys.readouterr().err


def test_judging_gives_the_same_bytes_again_from_what_is_kept(one_city: Cloud, tmp_path: Path) -> None:
    results = tmp_path / "results"
    first = judged(one_city, Workers(Store(results)))
    again = judged(one_city, Workers(Store(results)))
    assert first.model_dump_json() == again.model_dump_json()
    assert json.loads(first.model_dump_json())["cities"] == ["maibara"]
