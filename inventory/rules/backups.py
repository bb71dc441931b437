"""Rules for the backups of cloud.yaml."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.model import CloudFile
from inventory.problem import Problem
from inventory.rules.declared import Declared

MOST_OF_VOLUME = 0.9
"""Of the log's volume: the rest is for segments that are being made ready."""


def backup_rules(cloud: Declared[CloudFile]) -> Iterator[Iterator[Problem]]:
    """The rules for the backups."""
    yield queue_fits(cloud)
    yield whole_before_daily(cloud)
    yield stores_are_there(cloud)


def queue_fits(cloud: Declared[CloudFile]) -> Iterator[Problem]:
    """A backup center that is lost does not fill the log's volume."""
    log, queue = cloud.model.databases.log, cloud.model.backups.databases.queue
    most = log.volume.base * MOST_OF_VOLUME - log.between_checkpoints.base
    if queue.base > most:
        beside = f"beside {log.between_checkpoints.base / 1e6:g} MB between checkpoints"
        wrong = f"a queue of {queue.base / 1e6:g} MB {beside}"
        right = f"write {max(most, 0) / 1e6:.0f} MB or less, or give the log a larger volume"
        yield cloud.document.problem(("backups", "databases", "queue", "value"), wrong, right)


def whole_before_daily(cloud: Declared[CloudFile]) -> Iterator[Problem]:
    """Snapshots are thinned out to one a day before they go altogether."""
    files = cloud.model.backups.files
    if files.kept_daily.base < files.kept_whole.base:
        path = ("backups", "files", "kept_daily", "value")
        wrong = f"{files.kept_daily.value:g} {files.kept_daily.unit}, less than kept_whole"
        yield cloud.document.problem(path, wrong, "keep one a day at least as long as all of them")


def stores_are_there(cloud: Declared[CloudFile]) -> Iterator[Problem]:
    """What is kept in a zone of the data center has a store in the same zone of the backup center."""
    stores = {group.zone for group in cloud.model.backup_center.hosts if group.role == "store"}
    for index, group in enumerate(cloud.model.data_center.hosts):
        if group.role in {"db", "file"} and group.zone not in stores:
            wrong = (
                f"role {group.role} in zone {group.zone}, where the backup center has no host of role store"
            )
            path = ("data_center", "hosts", index, "zone")
            yield cloud.document.problem(path, wrong, "declare a store there")
