"""From the monitors' answers and what lies on disk to the facts. Pure, except for :func:`last_drills`."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

from inventory.alerts import NAMES, by_name
from inventory.model import Cloud
from inventory.monitoring import KEEPS_BACKUPS, centers
from inventory.topology import Topology
from inventory.verdict import Verdict
from omi.drill import measurement
from omi.drill.measurement import Measurement
from omi.status.facts import (
    Certificate,
    Database,
    Desk,
    Desktops,
    Facts,
    Firing,
    Line,
    Monitor,
    Place,
    Rehearsal,
    Store,
)
from omi.status.prometheus import Answer, Series

Answers = Mapping[str, Answer]
WATCHDOG = "Watchdog"


def facts(
    cloud: Cloud,
    topology: Topology,
    answers: Answers,
    drills: Mapping[str, Measurement],
    verdict: Verdict | None,
    now: float,
    lab: str | None = None,
) -> Facts:
    """Everything that the page shows. ``now``: seconds since 1970. ``lab``: the lab's id, if there is a lab."""
    return Facts(
        at=now,
        digest=topology.digest,
        monitors=tuple(monitors(answers)),
        alerts=alerts(answers),
        places=tuple(places(topology, answers)),
        lines=tuple(lines(topology, answers)),
        databases=tuple(databases(topology, answers)),
        stores=tuple(stores(topology, answers)),
        certificates=certificates(answers),
        desktops=desktops(cloud, topology, answers),
        rehearsals=tuple(rehearsals(cloud, topology, drills, lab)),
        verdict=verdict,
    )


def series(answers: Answers, question: str) -> Iterator[Series]:
    """What all monitors answer to one question."""
    for answer in answers.values():
        yield from answer.series.get(question, [])


def by_host(answers: Answers, question: str) -> dict[str, float]:
    """The values by host; where both monitors know one, the data center's comes first."""
    found: dict[str, float] = {}
    for one in series(answers, question):
        found.setdefault(one.labels.get("host", ""), one.value)
    return found


def monitors(answers: Answers) -> Iterator[Monitor]:
    """Which of them answer and judge."""
    for name, answer in answers.items():
        names = {alert["labels"]["alertname"] for alert in answer.alerts if alert["state"] == "firing"}
        yield Monitor(name=name, problem=answer.problem, judges=WATCHDOG in names)


def alerts(answers: Answers) -> tuple[Firing, ...] | None:
    """What fires, the reddest and oldest first; None where no monitor judges: then silence says nothing."""
    if not any(one.judges for one in monitors(answers)):
        return None
    return tuple(
        sorted(firing(answers), key=lambda one: (one.severity != "red", one.since, one.name, one.about))
    )


def firing(answers: Answers) -> list[Firing]:
    """Each alert once, since the first monitor saw it. The watchdog is none."""
    found: dict[tuple[str, tuple[str, ...]], Firing] = {}
    for answer in answers.values():
        for alert in answer.alerts:
            labels, name = alert["labels"], alert["labels"]["alertname"]
            if alert["state"] != "firing" or name == WATCHDOG:
                continue
            known = by_name(name).about if name in NAMES else sorted(set(labels) - {"alertname", "severity"})
            about = tuple(labels[label] for label in known if label in labels)
            one = Firing(
                name=name,
                severity=labels.get("severity", "red"),
                about=about,
                since=moment(alert["activeAt"]),
            )
            earlier = found.get((name, about), one)
            found[name, about] = min(one, earlier, key=lambda firing: firing.since)
    return list(found.values())


def moment(text: str) -> float:
    """A moment as Prometheus writes it (to nanoseconds) as seconds since 1970."""
    whole = text.split(".")[0].removesuffix("Z")
    return datetime.datetime.fromisoformat(whole).replace(tzinfo=datetime.UTC).timestamp()


def places(topology: Topology, answers: Answers) -> Iterator[Place]:
    """The two centers."""
    up = {one.labels["host"]: one.value for one in series(answers, "up") if one.labels.get("job") == "node"}
    for site in centers(topology):
        hosts = [host.name for host in site.hosts if host.platform == "incus"]
        known = any(name in up for name in hosts)
        missing = tuple(name for name in hosts if not up.get(name))
        yield Place(site=site.name, hosts=len(hosts), missing=missing if known else None)


def lines(topology: Topology, answers: Answers) -> Iterator[Line]:
    """Every rated link of the plan, with what its far end says of it."""
    up = {(one.labels["host"], one.labels["interface"]): one.value for one in series(answers, "bfd")}
    downs = {(one.labels["host"], one.labels["interface"]): one.value for one in series(answers, "downs")}
    for site in topology.sites:
        for link in site.links:
            end = (link.far, link.far_interface)
            yield Line(
                site=site.name,
                kind=link.kind,
                far=link.far,
                up=bool(up[end]) if end in up else None,
                downs=round(downs[end]) if end in downs else None,
            )


def databases(topology: Topology, answers: Answers) -> Iterator[Database]:
    """Every node of both clusters."""
    asked = {name: by_host(answers, name) for name in ("primary", "running", "sync", "leader", "received")}
    written = max((one.value for one in series(answers, "written")), default=0.0)
    up = {
        one.labels["host"]: one.value for one in series(answers, "up") if one.labels.get("job") == "database"
    }
    for host in (host for site in centers(topology) for host in site.hosts if host.role == "db"):
        role = role_of({name: values.get(host.name, 0) for name, values in asked.items()})
        received = asked["received"].get(host.name, 0)
        following = role not in ("primary", "stopped") and received and written
        yield Database(
            host=host.name,
            role=role if host.name in up else None,
            behind=max(round(written - received), 0) if following else None,
        )


Role = Literal["primary", "second node", "standby leader", "standby", "stopped"]


def role_of(said: Mapping[str, float]) -> Role:
    """What a node is by its own words."""
    if not said["running"]:
        return "stopped"
    roles: dict[str, Role] = {"primary": "primary", "sync": "second node", "leader": "standby leader"}
    return next((role for name, role in roles.items() if said[name]), "standby")


def stores(topology: Topology, answers: Answers) -> Iterator[Store]:
    """Every host that keeps backups, with the reasons of its check."""
    green, checked = by_host(answers, "green"), by_host(answers, "checked")
    for host in (host for site in centers(topology) for host in site.hosts if host.role == KEEPS_BACKUPS):
        reasons = [one.labels["reason"] for one in series(answers, "red") if one.labels["host"] == host.name]
        yield Store(
            host=host.name,
            green=bool(green[host.name]) if host.name in green else None,
            reasons=tuple(dict.fromkeys(reasons)),
            checked=checked.get(host.name),
        )


def certificates(answers: Answers) -> tuple[Certificate, ...] | None:
    """All that are known, those first that end first; None where no monitor answers."""
    if all(answer.problem for answer in answers.values()):
        return None
    found = [
        Certificate(host=one.labels["host"], name=one.labels["name"], ends=one.value)
        for one in series(answers, "certificates")
    ]
    return tuple(sorted(found, key=lambda one: one.ends))


def desks(topology: Topology, answers: Answers) -> Iterator[Desk]:
    """Every session host; its state is the brokers' word, who send people there or not."""
    lost = {one.labels["server"]: one.value for one in series(answers, "lost")}
    sessions, seats, drained = (by_host(answers, name) for name in ("desktops", "seats", "drained"))
    for host in (host for site in centers(topology) for host in site.hosts if host.role == "desk"):
        yield Desk(
            host=host.name,
            state=desk_state(lost.get(host.name), drained.get(host.name)),
            sessions=round(sessions[host.name]) if host.name in sessions else None,
            places=round(seats[host.name]) if host.name in seats else None,
        )


def desk_state(
    lost: float | None, drained: float | None
) -> Literal["takes people", "drained", "lost"] | None:
    """None where no broker, or not the host itself, says anything."""
    if lost:
        return "lost"
    if lost is None or drained is None:
        return None
    return "drained" if drained else "takes people"


def desktops(cloud: Cloud, topology: Topology, answers: Answers) -> Desktops:
    """What stands, and what is declared."""
    facilities = cloud.file.facilities
    return Desktops(
        desks=tuple(desks(topology, answers)),
        places=round(facilities.data_center.places.base),
        places_far=round(facilities.backup_center.places.base),
        users=round(sum(city.desk_users.base for city in cloud.cities)),
    )


def rehearsals(
    cloud: Cloud, topology: Topology, drills: Mapping[str, Measurement], lab: str | None
) -> Iterator[Rehearsal]:
    """Every declared drill, played or not, here or elsewhere."""
    for declared in cloud.file.drills:
        last = drills.get(declared.name)
        worst = {name: spread.most for name, spread in last.summary.items()} if last else {}
        unended = {name for name, spread in last.summary.items() if spread.median is None} if last else set()
        yield Rehearsal(
            drill=declared.name,
            title_en=declared.title.en,
            title_ja=declared.title.ja,
            alert=declared.alert,
            played=last.measured_at if last else None,
            kept=bool(last and last.kept),
            here=bool(last and last.lab is not None and last.lab == lab),
            this_declaration=bool(last and last.digest == topology.digest),
            figures={
                name: (None if name in unended else worst.get(name), limit.base)
                for name, limit in declared.limits.given()
                if name in worst
            },
        )


def last_drills(cloud: Cloud, folder: Path) -> dict[str, Measurement]:
    """Each drill's last run that is kept in ``folder``."""
    found = {drill.name: measurement.read(folder, drill.name) for drill in cloud.file.drills}
    return {name: one for name, one in found.items() if one is not None}
