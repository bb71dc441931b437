"""Rules for the databases of cloud.yaml: a promise that its own settings cannot keep is a mistake."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.databases import Copy
from inventory.model import BackupCenter, CloudFile, DataCenter
from inventory.problem import Problem
from inventory.rules.declared import Declared

LEAST_TTL = 20
"""Seconds. Patroni takes no less."""
CHECKS = 5
"""Seconds from a promotion until the proxies have seen it and clients are through."""
MOST_OF_VOLUME = 0.9
"""Of the log's volume: the rest is for segments that are being made ready."""


def database_rules(cloud: Declared[CloudFile]) -> Iterator[Iterator[Problem]]:
    """The rules for the databases."""
    yield loss_is_told(cloud, "data_center")
    yield loss_is_told(cloud, "backup_center")
    yield lag_fits_loss(cloud)
    yield takeover_is_possible(cloud)
    yield takeover_is_in_time(cloud)
    yield log_fits(cloud)
    yield members_can_take_over(cloud)
    yield center_is_whole(cloud, "data_center")
    yield center_is_whole(cloud, "backup_center")


def loss_is_told(cloud: Declared[CloudFile], center: str) -> Iterator[Problem]:
    """A synchronous copy loses nothing; an asynchronous one loses something, whatever is written."""
    copy: Copy = getattr(cloud.model.databases, center)
    path = ("databases", center, "rpo", "value")
    if copy.commit == "synchronous" and copy.rpo.base > 0:
        wrong = f"rpo {copy.rpo.value:g} {copy.rpo.unit} of a synchronous copy"
        yield cloud.document.problem(path, wrong, "write 0, or asynchronous")
    if copy.commit == "asynchronous" and copy.rpo.base == 0:
        yield cloud.document.problem(path, "rpo 0 of an asynchronous copy", "say what it may lose")


def lag_fits_loss(cloud: Declared[CloudFile]) -> Iterator[Problem]:
    """What a disaster may lose is no less than how far the backup center may be behind."""
    rpo = cloud.model.databases.backup_center.rpo
    lag = cloud.model.service_levels.normal.replication_lag
    if cloud.model.databases.backup_center.commit == "asynchronous" and 0 < rpo.base < lag.base:
        wrong = f"rpo {rpo.value:g} {rpo.unit} below the lag that service_levels allow"
        right = f"write {lag.value:g} {lag.unit} or more, or allow less lag"
        yield cloud.document.problem(("databases", "backup_center", "rpo", "value"), wrong, right)


def takeover_is_possible(cloud: Declared[CloudFile]) -> Iterator[Problem]:
    """The lock outlives a look and two failing tries: else Patroni would demote a healthy primary."""
    takeover = cloud.model.databases.takeover
    least = max(LEAST_TTL, takeover.loop.base + 2 * takeover.retry.base)
    if takeover.ttl.base < least:
        path = ("databases", "takeover", "ttl", "value")
        right = f"write {least:g} s or more: at least {LEAST_TTL} s, and loop and twice retry"
        yield cloud.document.problem(path, f"ttl {takeover.ttl.base:g} s", right)


def takeover_is_in_time(cloud: Declared[CloudFile]) -> Iterator[Problem]:
    """The lock's end, a look and the proxies' checks fit into the promise."""
    takeover = cloud.model.databases.takeover
    slowest = takeover.ttl.base + takeover.loop.base + CHECKS
    if slowest > takeover.within.base:
        path = ("databases", "takeover", "within", "value")
        wrong = f"{takeover.within.base:g} s, but a takeover takes up to {slowest:g} s"
        yield cloud.document.problem(path, wrong, "promise more, or shorten ttl or loop")


def log_fits(cloud: Declared[CloudFile]) -> Iterator[Problem]:
    """A backup center that fetches nothing does not fill the log's volume."""
    log = cloud.model.databases.log
    most = log.between_checkpoints.base + max(log.kept.base, log.slot_cap.base)
    if most > log.volume.base * MOST_OF_VOLUME:
        path = ("databases", "log", "volume", "value")
        wrong = f"a volume of {log.volume.base / 1e6:g} MB, but up to {most / 1e6:g} MB of log"
        right = f"write {most / MOST_OF_VOLUME / 1e6:.0f} MB or more, or keep less"
        yield cloud.document.problem(path, wrong, right)


def members_can_take_over(cloud: Declared[CloudFile]) -> Iterator[Problem]:
    """The data center has two nodes or more, and an odd number of voters, three or more."""
    groups = cloud.model.data_center.hosts
    members = sum(group.count for group in groups if group.role == "db")
    voters = members + sum(group.count for group in groups if group.role == "etcd")
    if members < 2:
        wrong = f"{members} host(s) of role db"
        yield cloud.document.problem(("data_center", "hosts"), wrong, "declare two that can take over")
    if voters < 3 or voters % 2 == 0:
        wrong = f"{voters} voters (roles db and etcd)"
        yield cloud.document.problem(("data_center", "hosts"), wrong, "make it three, or five")


def center_is_whole(cloud: Declared[CloudFile], path: str) -> Iterator[Problem]:
    """Databases, voters and proxies are there, and in one zone: nothing crosses from one to another."""
    center: DataCenter | BackupCenter = getattr(cloud.model, path)
    zones = {g.zone: index for index, g in enumerate(center.hosts) if g.role in {"db", "etcd", "proxy"}}
    if len(zones) > 1:
        wrong = "hosts of roles db, etcd and proxy in " + " and ".join(sorted(zones))
        place = (path, "hosts", max(zones.values()), "zone")
        yield cloud.document.problem(place, wrong, "declare them in one zone")
    missing = {"db", "proxy"} - {group.role for group in center.hosts}
    for role in sorted(missing):
        yield cloud.document.problem((path, "hosts"), f"no host of role {role}", "declare one or more")
