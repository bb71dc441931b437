"""The figures of the last drills, written into the runbooks between two marks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from inventory.model import CloudFile
from lab.files import write_atomically
from omi.drill.measurement import Measurement, read
from omi.drill.report import figure

BEGIN, END = "<!-- figures of the last drill: {} -->", "<!-- end of the figures -->"
BLOCK = re.compile(
    r"<!-- figures of the last drill: ([a-z-]+) -->\n.*?<!-- end of the figures -->", re.DOTALL
)

WORDS = {
    "en": {
        "head": "| | at most | least | median | most |",
        "note": "Drill `{drill}`, {times} time(s), last on {date}, on {cores} cores ({processor}), {memory} GiB.",
        "none": "No drill has been run yet: `omi drill {drill}`.",
        "never": "never",
        "silence": "longest silence of a city",
        "rto": "until all are served again",
        "rows_lost": "acknowledged rows lost",
        "rows_doubled": "rows doubled",
        "lost_span": "lost rows reach back",
        "noticed": "until it is visible",
        "alerted": "until the alert",
        "caught_up": "until caught up",
        "rows_differing": "restored rows that differ",
        "others_silence": "longest silence of the others",
    },
    "ja": {
        "head": "| | 目標（最大） | 最小 | 中央値 | 最大 |",
        "note": "訓練 `{drill}`、{times} 回、最終 {date}、{cores} コア（{processor}）、{memory} GiB。",
        "none": "訓練はまだ実施されていません：`omi drill {drill}`。",
        "never": "終わらず",
        "silence": "一つの市の最長無応答",
        "rto": "全市の再開まで",
        "rows_lost": "確認応答済みで失われた行",
        "rows_doubled": "二重になった行",
        "lost_span": "失われた行の遡り（時間）",
        "noticed": "見えるまで",
        "alerted": "警報まで",
        "caught_up": "追いつくまで",
        "rows_differing": "復元後に異なる行",
        "others_silence": "他の市の最長無応答",
    },
}


def refresh(pages: Path, measurements: Path, file: CloudFile) -> Iterator[Path]:
    """Write every page anew whose figures have changed; those pages."""
    for page in sorted(pages.glob("*.md")):
        before = page.read_text(encoding="utf-8")
        language = "ja" if page.name.endswith(".ja.md") else "en"
        after = with_figures(before, measurements, language, file)
        if after != before:
            write_atomically(page, after)
            yield page


def with_figures(text: str, measurements: Path, language: str, file: CloudFile) -> str:
    """A page with the figures of each drill that it names."""
    known = {objective.name for objective in file.drills}

    def block(match: re.Match[str]) -> str:
        drill = match[1]
        body = table(drill, read(measurements, drill), language) if drill in known else "?"
        return f"{BEGIN.format(drill)}\n{body}\n{END}"

    return BLOCK.sub(block, text)


def table(drill: str, done: Measurement | None, language: str) -> str:
    """The figures of a drill's last run as a Markdown table."""
    words = WORDS[language]
    if done is None:
        return words["none"].format(drill=drill)
    lines = [words["head"], "|---|---:|---:|---:|---:|"]
    for limit in done.objectives:
        seen = done.summary.get(limit.figure)
        values = (seen.least, seen.median, seen.most) if seen else (None, None, None)
        cells = [words["never"] if v is None else figure(limit.figure, v) for v in (limit.limit, *values)]
        lines.append(f"| {words.get(limit.figure, limit.figure)} | " + " | ".join(cells) + " |")
    note = words["note"].format(
        drill=drill,
        times=len(done.repetitions),
        date=done.measured_at[:10],
        cores=done.machine.cores,
        processor=done.machine.processor,
        memory=round(done.machine.memory_bytes / 2**30),
    )
    return "\n".join([*lines, "", note])
