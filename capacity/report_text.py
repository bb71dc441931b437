"""The report's words in both languages, and what failures and promises are called in them."""

from __future__ import annotations

from typing import Literal

from capacity.failures import Failure
from capacity.run import Case

Language = Literal["ja", "en"]

WORDS: dict[str, tuple[str, str]] = {
    "title": ("Does the integrated cloud hold?", "統合型クラウドは耐えられるか"),
    "pass": ("Yes: every promise is kept", "耐えられる：すべての約束が守られる"),
    "fail": ("No: a promise is broken", "耐えられない：守られない約束がある"),
    "basis": ("cities, cases, runs", "団体、障害ケース、試行"),
    "promises": ("Promises", "約束と判定"),
    "promise": ("promise", "約束"),
    "when": ("when", "場合"),
    "limit": ("limit", "上限"),
    "figure": ("figure", "値"),
    "interval": ("95% interval", "95%信頼区間"),
    "margin": ("margin", "余裕"),
    "worst": ("worst case", "最も悪い障害"),
    "kept": ("kept", "守られる"),
    "broken": ("broken", "破れる"),
    "normal": ("normal", "平常"),
    "degraded": ("degraded", "縮退"),
    "hinges": ("What the verdict hinges on", "判定が依って立つ数字"),
    "hinges_note": (
        "Changing one of these alone, up to twice as bad, breaks a promise at the value shown.",
        "これらの一つだけを、最大で2倍まで悪くしたとき、示した値で約束が破れる。",
    ),
    "quantity": ("quantity", "数量"),
    "declared": ("declared", "宣言値"),
    "breaks_at": ("breaks at", "破れる値"),
    "source": ("source", "出典"),
    "note": ("citation or reason", "出典・理由"),
    "load": ("Load over the morning against capacity", "朝の負荷と容量"),
    "load_note": (
        "Expected share of each link's capacity; the dashed line is all of it. Breaks come at 08:30.",
        "各リンクの容量に対する負荷の期待値。破線が容量いっぱい。障害は8時30分に起こる。",
    ),
    "night": ("The night on the replication link against capacity", "夜間の複製回線の負荷と容量"),
    "night_note": (
        "Expected share of each leg: the databases' log, and bulk backup with it. The dashed line is all of the leg. "
        "Breaks come as the window opens and last as long as a repair takes.",
        "各複製回線の容量に対する期待値。データベースのログと、バックアップを合わせたもの。破線が容量いっぱい。"
        "障害は開始時に起こり、修理が終わるまで続く。",
    ),
    "night_log": ("{}: log", "{}：ログ"),
    "night_all": ("{}: log and backup", "{}：ログとバックアップ"),
    "matrix": ("Every single failure", "単一障害の一覧"),
    "matrix_note": (
        "Mean figures; below each, what is left of the promise.",
        "平均値。下段は約束に対する余裕。",
    ),
    "failure": ("failure", "障害"),
    "growth": ("As cities join", "団体が増えると"),
    "growth_note": (
        "Peak demand by what there is, each limit alone; vertical lines: where a promise breaks when simulated.",
        "限界ごとの、最大需要の容量に対する割合。縦線は、シミュレーションで約束が破れた団体数。",
    ),
    "limit_name": ("limit", "限界"),
    "count": ("breaks at", "限界の団体数"),
    "never": ("holds to the end", "最後まで足りる"),
    "mended": ("smallest upgrade", "最小の増強"),
    "enough": ("enough for all", "全団体に足りる増強"),
    "more_than": ("more than {}: none is sold", "{}でも足りない（それ以上は売られていない）"),
    "holds": ("With what is enough, all hold.", "これらの増強で、全団体で約束が守られる。"),
    "does_not_hold": ("Even so, a promise is broken.", "それでも守られない約束がある。"),
    "quantities": ("Quantities and their sources", "数量と出典"),
    "council": ("council", "協議会"),
    "public": ("public", "公表値"),
    "measured": ("measured", "実測"),
    "assumption": ("assumption", "仮定"),
    "min_peak": ("min peak", "分の山"),
    "sign_in_p95": ("sign-in, 95 of 100", "サインイン（95%）"),
    "sign_in_refused": ("refused for want of a place", "席の不足"),
    "transaction_p95": ("transaction, 95 of 100", "業務処理（95%）"),
    "replication_lag": ("replication lag", "複製の遅れ"),
    "backup_done_within": ("backup done within", "バックアップ完了"),
    "outage": ("longest outage", "最長の停止"),
    "nothing_broken": ("nothing broken", "障害なし"),
    "all_lines": ("all lines of {}", "{}の全回線"),
    "line": ("line {}", "回線 {}"),
    "city_router": ("router of {}", "{}のルーター"),
    "edge": ("router {}", "ルーター {}"),
    "leg": ("replication leg {}", "複製回線 {}"),
    "replication_link": ("replication link", "複製回線すべて"),
    "data_center": ("the whole data center", "データセンター全体"),
    "places": ("session places", "席数"),
    "cores": ("session host cores", "セッションホストのコア"),
    "storage": ("storage operations", "ストレージのIO"),
    "fullest_line": ("fullest line, one lost", "最も混む回線（片方断）"),
    "edge_load": ("edge, one lost", "エッジ（片方断）"),
    "access": ("disaster access", "災害時アクセス"),
    "backup_places": ("places, backup center", "席数（バックアップセンター）"),
}
LIMITS_IN_JAPANESE = {
    "city lines": "団体の回線",
    "data-center edges": "データセンターのエッジ",
    "session brokers": "接続ブローカー",
    "session places": "席数",
    "session host cores": "セッションホストのコア",
    "storage operations": "ストレージのIO",
    "storage network": "ストレージ網",
    "application cores": "アプリケーションのコア",
    "database cores": "データベースのコア",
    "replication link": "複製回線",
    "way to the printing firm": "印刷会社への回線",
    "disaster access": "災害時アクセス",
    "backup-center edge": "バックアップセンターのエッジ",
    "data center": "データセンター",
    "backup center": "バックアップセンター",
    "log": "ログ",
    "backup": "バックアップ",
}
"""What limits are called, in the parts that a comma divides."""
ORDER: tuple[Language, ...] = ("en", "ja")


def words(language: Language) -> dict[str, str]:
    """All words in one language."""
    column = ORDER.index(language)
    return {key: both[column] for key, both in WORDS.items()}


def failure_name(failure: Failure, titles: dict[str, str], said: dict[str, str]) -> str:
    """What people call ``failure``; ``titles`` are the cities' names for people."""
    if not failure.parts:
        return said["nothing_broken"]
    if len(failure.parts) > 1:
        kind = failure.parts[0].kind
        city = failure.name.removeprefix("all lines of ")
        return said["replication_link"] if kind == "leg" else said["all_lines"].format(titles.get(city, city))
    (part,) = failure.parts
    return said[part.kind].format(titles.get(part.name, part.name))


def case_name(case: Case, titles: dict[str, str], said: dict[str, str]) -> str:
    """What people call ``case``."""
    return f"{failure_name(case.failure, titles, said)} ({case.width_s / 60:g} {said['min_peak']})"


def limit_name(name: str, said: dict[str, str]) -> str:
    """What people call a limit."""
    if said["title"] == WORDS["title"][ORDER.index("en")]:
        return name
    first, *rest = (LIMITS_IN_JAPANESE[part] for part in name.split(", "))
    return f"{first}（{'、'.join(rest)}）" if rest else first
