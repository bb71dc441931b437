"""What is decided from facts: is there a backup that can be relied on, which is due, what may go, what is refused."""

from __future__ import annotations

import random
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.backups.conftest import PROGRAM

if str(PROGRAM) not in sys.path:
    sys.path.insert(0, str(PROGRAM))

from omi_backup import city, files, repository, wal  # isort: skip
from omi_backup.record import Record, recall, remember  # isort: skip
from omi_backup.repository import Backup  # isort: skip
from omi_backup.verdict import (  # isort: skip
    DatabaseFacts,
    DatabaseLimits,
    FileFacts,
    FileLimits,
    database_reasons,
    file_reasons,
)

H = 3600.0
NOW = 1_000_000 * H
LIMITS = DatabaseLimits(full=192 * H, backup=34 * H, archived=0.25 * H, verified=50 * H, restored=50 * H)


def well(hours_ago: float) -> Record:
    """A job that was well then."""
    return Record(NOW - hours_ago * H, (), {}, NOW - hours_ago * H)


SOUND = DatabaseFacts(NOW, None, NOW - 100 * H, NOW - 10 * H, (), 0, well(0.05), well(8), well(6))


def test_sound_backups_are_green():
    assert database_reasons(SOUND, LIMITS) == []


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        ({"trouble": "missing stanza path"}, "repository", "missing stanza path"),
        ({"full_at": None}, "full", "there is no full backup"),
        ({"backup_at": None}, "backup", "there is no backup"),
        ({"full_at": NOW - 193 * H}, "full", "193.0 h old; 192.0 h is the most"),
        ({"backup_at": NOW - 35 * H}, "backup", "the last backup is 35.0 h old"),
        ({"backup_at": NOW + 2 * H}, "backup", "from the future"),
        ({"gaps": ("A..B",)}, "gap", "the archive lacks A..B"),
        ({"gone": 2}, "gone", "2 files have gone"),
        ({"probe": None}, "archive", "there was no log arrived in the archive yet"),
        ({"probe": well(0.5)}, "archive", "for 30 min"),
        ({"probe": Record(NOW, ("refused",), {}, NOW - H)}, "archive", "refused"),
        ({"verified": None}, "verify", "there was no verification yet"),
        ({"verified": well(51)}, "verify", "for 51.0 h"),
        ({"verified": Record(NOW, ("checksum invalid: 1",), {}, NOW - H)}, "verify", "checksum invalid: 1"),
        (
            {"verified": Record(NOW, ("there was nothing to verify",), {}, None)},
            "verify",
            "nothing to verify",
        ),
        ({"restored": None}, "restore", "there was no restore yet"),
        ({"restored": well(51)}, "restore", "no good restore for 51.0 h"),
        ({"restored": Record(NOW, ("konan_tax: differs",), {}, NOW - H)}, "restore", "konan_tax: differs"),
    ],
)
def test_each_fault_is_a_reason_of_its_own(change, code, words):
    reasons = database_reasons(replace(SOUND, **change), LIMITS)
    assert [reason.code for reason in reasons] == [code]
    assert words in reasons[0].text


def test_a_probe_that_failed_once_is_no_alarm_yet():
    once = replace(SOUND, probe=Record(NOW, ("a switchover",), {}, NOW - 0.2 * H))
    assert database_reasons(once, LIMITS) == []


def test_all_faults_are_told_at_once():
    nothing = DatabaseFacts(NOW, "no stanza", None, None, (), 0, None, None, None)
    assert {reason.code for reason in database_reasons(nothing, LIMITS)} == {
        *("repository", "full", "backup", "archive", "verify", "restore")
    }


KONAN = FileFacts("konan", NOW, (NOW - 2 * H, NOW - H), 0, well(8), well(6))
FILE_LIMITS = FileLimits(copied=3 * H, verified=50 * H, restored=50 * H)


def test_sound_file_backups_are_green():
    assert file_reasons([KONAN], FILE_LIMITS) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"snapshots": ()}, "snapshot"),
        ({"snapshots": (NOW - 4 * H,)}, "snapshot"),
        ({"ahead": 1}, "ahead"),
        ({"verified": None}, "verify"),
        ({"restored": Record(NOW, ("there was nothing to compare",), {}, None)}, "restore"),
    ],
)
def test_one_citys_fault_names_the_city(change, code):
    reasons = file_reasons([replace(KONAN, city="yasu"), replace(KONAN, **change)], FILE_LIMITS)
    assert [reason.code for reason in reasons] == [code]
    assert reasons[0].text.startswith("konan: ")


def test_no_city_at_all_is_a_reason():
    assert [reason.code for reason in file_reasons([], FILE_LIMITS)] == ["nothing"]


def name(timeline: int, number: int) -> str:
    return wal.Segment(timeline, number).name


def test_a_segments_name_and_place_are_one():
    assert wal.segment("0000000200000001000000FF") == wal.Segment(2, 0x1FF)
    assert name(2, 0x1FF) == "0000000200000001000000FF"
    with pytest.raises(ValueError, match="is no segment"):
        wal.segment("00000002.history")


@pytest.mark.parametrize(
    ("held", "since", "missing"),
    [
        ([(1, 5), (1, 6), (1, 7)], (1, 5), []),
        ([(1, 5), (1, 7)], (1, 5), [name(1, 6)]),
        ([(1, 5), (1, 9)], (1, 5), [f"{name(1, 6)}..{name(1, 8)}"]),
        ([], (1, 5), [name(1, 5)]),
        ([(1, 6)], (1, 5), [name(1, 5)]),
        ([(1, 3), (1, 5)], (1, 5), []),  # what is missing before does not matter
        ([(1, 5), (2, 6), (2, 7)], (1, 5), []),  # left at the end of a segment
        ([(1, 5), (1, 6), (2, 6)], (1, 5), []),  # left in its midst, and both were archived
        ([(1, 5), (1, 6), (1, 7), (1, 8), (2, 6), (2, 7)], (1, 5), []),  # the old primary went on for a while
        ([(1, 5), (2, 8)], (1, 5), [f"{name(2, 6)}..{name(2, 7)}"]),
        ([(2, 5), (1, 9)], (2, 5), []),  # an older timeline than the backup's
        ([(1, 0xFF), (1, 0x100)], (1, 0xFF), []),
    ],
)
def test_gaps_in_the_log_are_found_over_timelines(held, since, missing):
    assert wal.gaps([name(*place) for place in held], name(*since)) == missing


def backup(kind: str, stopped: float) -> Backup:
    return Backup("label", kind, int(stopped), name(1, 1), name(1, 2), "15-1")


@pytest.mark.parametrize(
    ("held", "due"),
    [
        ([], "full"),
        ([backup("diff", NOW - H)], "full"),  # without a full one it is worth nothing
        ([backup("full", NOW - 12 * H)], None),
        ([backup("full", NOW - 23.5 * H)], "diff"),  # tonight's timer comes a little early
        ([backup("full", NOW - 167.5 * H), backup("diff", NOW - 2 * H)], "full"),
        ([backup("full", NOW - 100 * H), backup("diff", NOW - 2 * H)], None),
    ],
)
def test_the_backup_that_is_due(held, due):
    assert repository.wanted_kind(held, NOW, 168 * H, 24 * H, H) == due


VALID = """stanza: omi
status: ok
  archiveId: 15-1, total WAL checked: 3, total valid WAL: 3
    missing: 0, checksum invalid: 0, size invalid: 0, other: 0
  backup: 20261126-062005F, status: valid, total files checked: 964, total valid files: 964
    missing: 0, checksum invalid: 0, size invalid: 0, other: 0
"""


def test_a_verification_that_found_all_well():
    assert repository.judged(VALID) == ([], {"files": 967, "backups": 1})


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("", "there was nothing to verify"),
        ("stanza: omi\nstatus: ok\n", "there was nothing to verify"),
        (VALID.replace("missing: 0", "missing: 2", 1), "missing: 2"),
        (VALID.replace("checksum invalid: 0", "checksum invalid: 1"), "checksum invalid: 1"),
        (VALID.replace("status: valid", "status: invalid"), "status: invalid"),
        (VALID.replace("status: ok", "status: error"), "status: error"),
        ("\n".join(VALID.splitlines()[:4]), "there was nothing to verify"),  # log, but no backup
    ],
)
def test_a_verification_that_found_a_fault_or_nothing(said, words):
    faults, _ = repository.judged(said)
    assert any(words in fault for fault in faults)


def arrived(*hours_ago: float) -> list[files.Arrived]:
    return [files.Arrived(f"{hours:g}", NOW - hours * H) for hours in hours_ago]


def test_all_snapshots_of_a_week_stay_then_one_a_day_then_none():
    held = arrived(*range(1, 24 * 100))
    gone = set(files.forgettable(held, NOW, 7 * 24 * H, 90 * 24 * H))
    left = [snapshot for snapshot in held if snapshot.identity not in gone]
    recent = [snapshot for snapshot in left if NOW - snapshot.at <= 7 * 24 * H]
    older = [snapshot for snapshot in left if NOW - snapshot.at > 7 * 24 * H]
    assert len(recent) == 168
    assert len({int(snapshot.at // 86400) for snapshot in older}) == len(older)
    assert 82 <= len(older) <= 84


def test_the_newest_snapshot_stays_whatever_its_age():
    assert files.forgettable(arrived(24 * 400, 24 * 300), NOW, 7 * 24 * H, 90 * 24 * H) == [f"{24 * 400:g}"]


def test_a_flood_of_snapshots_drives_out_nothing_of_the_week():
    """Who has the sender's credentials can add; what was there before stays until somebody has had time to see."""
    good = arrived(100, 50, 30)
    flood = [files.Arrived(f"f{n}", NOW - n) for n in range(1000)]
    gone = files.forgettable(good + flood, NOW, 7 * 24 * H, 90 * 24 * H)
    assert not {snapshot.identity for snapshot in good} & set(gone)


def test_a_sample_is_never_empty_and_fits():
    listed = {f"{n}": {"size": 40} for n in range(10)}
    assert len(files.sample(listed, 100, random.Random(1))) == 2
    assert len(files.sample(listed, 1, random.Random(1))) == 1
    assert files.sample({}, 100, random.Random(1)) == []


def test_restored_files_are_held_against_the_manifest(tmp_path):
    (tmp_path / "a").write_text("same")
    (tmp_path / "b").write_text("other")
    seen = (tmp_path / "b").stat().st_mtime_ns
    same = "0967115f2813a3541eaef77de9d9d5773f1c0c04314b0bbfe4ff3b3b1c55b5d5"
    wanted = {"a": {"sha256": same, "mtime_ns": 1}, "b": {"sha256": same, "mtime_ns": seen}}
    assert files.unlike(wanted, tmp_path) == ["b is not what it was"]
    assert files.unlike({"a": wanted["a"]}, tmp_path) == []
    assert files.unlike({"c": wanted["a"]}, tmp_path) == ["c was not restored"]
    written = {"b": {"sha256": same, "mtime_ns": seen - 1}}
    assert files.unlike({**written, "a": wanted["a"]}, tmp_path) == []
    assert files.unlike(written, tmp_path) == ["there was nothing to compare"]
    assert files.unlike({}, tmp_path) == ["there was nothing to compare"]


def test_restics_times_have_nanoseconds():
    assert files.moment("2026-11-26T08:15:00.123456789+09:00") == pytest.approx(1795648500.123456)
    assert files.moment("2026-11-25T23:15:00Z") == 1795648500


def test_a_pattern_means_just_the_file():
    from pathlib import Path

    assert files.pattern(Path("/a/見積[1]*.txt")) == "/a/見積\\[1]\\*.txt"


def test_a_record_keeps_when_it_was_last_well(tmp_path):
    assert recall(tmp_path, "job") is None
    first = remember(tmp_path, "job", [], {"files": 1})
    second = remember(tmp_path, "job", ["broken"], {})
    assert second.good_at == first.at
    assert recall(tmp_path, "job") == second
    (tmp_path / "job.json").write_text("{")
    assert recall(tmp_path, "job") is None


def test_two_programs_may_write_one_record_at_once(tmp_path):
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path; from omi_backup.record import remember\n"
        "for n in range(500): remember(Path(sys.argv[2]), 'check', [], {'turn': n})"
    )
    words = [sys.executable, "-c", program, str(PROGRAM), str(tmp_path)]
    both = [subprocess.Popen(words, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    assert [(one.communicate()[1], one.returncode) for one in both] == [("", 0), ("", 0)]
    assert [path.name for path in tmp_path.iterdir()] == ["check.json"]


AT = datetime(2026, 11, 25, 23, 15, tzinfo=UTC)
CITY = ["konan_other", "konan_tax"]
BARE = {name: "" for name in CITY}


def copies(said: str) -> dict[str, str]:
    return BARE | {f"{name}_restored": said for name in CITY}


def test_a_point_in_time_says_its_zone():
    assert city.moment("2026-11-26 08:15:00+09") == AT
    with pytest.raises(city.RefusedError, match=r"write '2026-11-26 08:15:00\+09'"):
        city.moment("2026-11-26 08:15:00")
    with pytest.raises(city.RefusedError, match="no point in time"):
        city.moment("yesterday")


@pytest.mark.parametrize(
    ("existing", "replace", "step"),
    [
        (BARE, False, "restore"),
        (copies(""), False, "restore"),  # cut short: nobody's way is barred
        (copies(city.mark(AT)), False, "done"),
        (copies(city.mark(AT)) | {"konan_tax_restored": ""}, False, "restore"),
        (copies("restored as of 2026-01-01T00:00:00+00:00"), True, "restore"),
    ],
)
def test_what_is_to_be_done_about_a_citys_copies(existing, replace, step):
    assert city.step(AT, CITY, existing, replace) == step


def test_a_copy_of_another_time_is_not_thrown_away_unasked():
    with pytest.raises(city.RefusedError, match=r"konan_other_restored is there already .*-e replace=true"):
        city.step(AT, CITY, copies("restored as of 2026-01-01T00:00:00+00:00"), False)


def test_a_database_that_does_not_exist_is_refused():
    with pytest.raises(city.RefusedError, match="there is no database konan_tax"):
        city.step(AT, CITY, {"konan_other": ""}, False)


@pytest.mark.parametrize(
    ("covered", "words"),
    [
        (city.Coverage(None, AT.timestamp() + 1, ()), "there is no backup at all"),
        (city.Coverage(AT.timestamp() + 1, AT.timestamp() + 9, ()), "before the oldest backup"),
        (city.Coverage(AT.timestamp() - 9, AT.timestamp() - 1, ()), "has not come yet"),
        (city.Coverage(AT.timestamp() - 9, AT.timestamp() + 1, ("X",)), "the archive lacks X"),
    ],
)
def test_a_time_that_is_not_covered_is_refused_with_the_reason(covered, words):
    assert words in (city.refusal(AT, covered) or "")


def test_a_time_that_is_covered_is_not_refused():
    assert city.refusal(AT, city.Coverage(AT.timestamp() - 9, AT.timestamp() + 1, ())) is None
