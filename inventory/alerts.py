"""The alerts: when each fires (PromQL), what it means and what to do, in both languages. Pure.

The monitors' rules, the page of the person on duty and the table in docs/watching.md are all made from here. An
alert's rule carries no words: those would be a second copy, in one language.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from inventory import promql
from inventory.alert_words import ADVICE, Advice
from inventory.promql import DAMAGED, GAP, Expression, same
from inventory.topology import Topology

Severity = Literal["red", "amber", "none"]
"""red: the cities are hurt, or the next fault hurts them; amber: there is time until the morning."""


class Alert(NamedTuple):
    """One alert. ``waits``: seconds for which it must be so without a break."""

    name: str
    severity: Severity
    waits: int
    expression: Expression
    about: tuple[str, ...]
    """The labels that say what it is about."""

    @property
    def advice(self) -> Advice:
        """What it means and what to do."""
        return ADVICE[self.name]


ALERTS = (
    Alert("Watchdog", "none", 0, same("vector(1)"), ()),
    Alert("MonitorDown", "red", 15, same('up{job="monitor"} == 0'), ("host",)),
    Alert("HostDown", "red", 15, same('up{job="node"} == 0'), ("host",)),
    Alert("LineDown", "red", 5, same("omi_bfd_up == 0"), ("host", "peer", "interface")),
    Alert("BfdFlapping", "amber", 0, promql.flapping, ("host", "peer", "interface")),
    Alert(
        "DatabaseWithoutPrimary",
        "red",
        10,
        same("sum(patroni_primary * patroni_postgres_running) < 1 or absent(patroni_primary)"),
        (),
    ),
    Alert("TwoPrimaries", "red", 15, same("sum(patroni_primary * patroni_postgres_running) > 1"), ()),
    Alert("DatabaseUnprotected", "red", 15, promql.unprotected, ("copy",)),
    Alert(
        "DatabaseRestarted", "amber", 0, same("changes(patroni_postmaster_start_time[90s]) > 0"), ("host",)
    ),
    Alert("ReplicationLag", "red", 5, promql.lag, ("host",)),
    Alert("DiskFull", "red", 10, promql.disk_full, ("host", "mountpoint")),
    Alert("BackupOld", "red", 0, promql.backup_old, ("host", "reason")),
    Alert("BackupDamaged", "red", 0, same(f'omi_backup_red{{reason=~"{DAMAGED}"}} == 1'), ("host", "reason")),
    Alert("ArchiveGap", "red", 0, same(f'omi_backup_red{{reason=~"{GAP}"}} == 1'), ("host", "reason")),
    Alert("CertificateExpiring", "amber", 0, promql.certificate, ("host", "name")),
    Alert("CityCertificateExpired", "red", 0, same(promql.CITY_EXPIRED), ("city",)),
    Alert("CsServerLost", "red", 10, same(promql.CS_LOST), ("host",)),
    Alert("PoolFull", "amber", 10, promql.pool_full, ("host", "proxy")),
    Alert("DesktopsFull", "amber", 10, promql.desktops_full, ("site",)),
    Alert("DesktopHostLost", "red", 10, same(promql.DESKTOP_HOST_LOST), ("host",)),
    Alert("ServiceDown", "red", 10, promql.service_down, ("host", "name")),
    Alert("ReadingsOld", "amber", 10, same(promql.READINGS_OLD), ("host",)),
)

NAMES = tuple(alert.name for alert in ALERTS)


def by_name(name: str) -> Alert:
    """The alert of this name. Raises KeyError."""
    for alert in ALERTS:
        if alert.name == name:
            return alert
    raise KeyError(name)


def rules(topology: Topology) -> dict[str, Any]:
    """Prometheus' file of rules."""
    return {"groups": [{"name": "omi", "rules": [rule(alert, topology) for alert in ALERTS]}]}


def rule(alert: Alert, topology: Topology) -> dict[str, Any]:
    """One rule. It looks at what is so now, and fires as soon as that has been so for ``waits``."""
    return {
        "alert": alert.name,
        "expr": alert.expression(topology),
        "for": f"{alert.waits}s",
        "labels": {"severity": alert.severity},
    }
