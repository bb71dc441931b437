"""When each alert fires, in PromQL, from the declared limits. Pure; its name is in inventory/alerts.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from inventory.topology import Topology

Expression = Callable[[Topology], str]

BACKUPS_OWN = "omi-backup-.*"
"""Jobs that fail whenever they find something: their finding is the alert, not their failing."""
OLD, DAMAGED, GAP = "full|backup|snapshot|nothing", "verify|restore|repository|ahead", "gap|gone|archive"
"""Why a check of the backups is red (omi_backup.checks.CODES), by the alert that says so."""


def seconds(quantity: Any) -> str:
    """A declared duration as PromQL writes it."""
    return f"{round(quantity.base)}s"


def same(text: str) -> Expression:
    """An expression in which nothing is declared."""
    return lambda _: " ".join(text.split())


CS_LOST = 'up{job="node", role="cs"} unless on (host) (omi_cs_ready == 1)'
"""Of the hosts that are asked, so also one that does not answer at all."""
CITY_EXPIRED = "max by (city) (omi_cs_expired_seconds) > max by (city) (omi_cs_served_seconds)"
"""It came with an old certificate, to whichever of the pair, and has not been served since."""
READINGS_OLD = 'time() - node_textfile_mtime_seconds{file=~".*/(routing|volumes|cs).prom"} > 30'


def service_down(_: Topology) -> str:
    """A unit that should run, one that failed, an exporter that is silent, a service without a server.

    The exporters name our own units only; of any other they say that one more has failed than they named.
    """
    parts = (
        'omi_service_expected unless on (host, name) (node_systemd_unit_state{state="active"} == 1)',
        f'node_systemd_unit_state{{state="failed", name!~"{BACKUPS_OWN}"}} == 1',
        'label_replace(node_systemd_units{state="failed"} > on (site, host) '
        'sum by (site, host) (node_systemd_unit_state{state="failed"}), "name", "another unit", "", "")',
        'label_replace(up{job=~"proxy|broker|database"} == 0 and on (host) (up{job="node"} == 1), '
        '"name", "$1", "job", "(.*)")',
        'label_replace(haproxy_backend_active_servers{proxy!~"databases|desks"} == 0 and on (site) '
        '(patroni_primary == 1), "name", "$1", "proxy", "(.*)")',
    )
    return f"count by (site, host, name) ({' or '.join(f'({part})' for part in parts)})"


def unprotected(_: Topology) -> str:
    """No second node in step, or no other center that follows."""
    copies = {"second node": "patroni_sync_standby", "other center": "patroni_standby_leader"}
    return " or ".join(
        f'label_replace((sum({metric} * patroni_postgres_running) or vector(0)) < 1, "copy", "{copy}", "", "")'
        for copy, metric in copies.items()
    )


def lag(topology: Topology) -> str:
    """A node that does not have yet what the primary had half the promised time ago. An idle one is never behind."""
    half = round(topology.databases.backup_center.rpo.base / 2)
    primary = f"max(patroni_xlog_location offset {half}s)"
    return f"(patroni_xlog_received_location > 0) < on () group_left () {primary}"


def flapping(topology: Topology) -> str:
    """Sessions lost within the declared time; half a loss is what Prometheus' extrapolation may take away."""
    declared = topology.watching.flapping
    return f"increase(omi_bfd_downs_total[{seconds(declared.within)}]) > {declared.times - 0.5}"


def disk_full(topology: Topology) -> str:
    """Of any volume, in memory or not; where a quota makes the volume, the file system's own figures miss its end."""
    lefts = (
        "node_filesystem_avail_bytes / node_filesystem_size_bytes",
        "1 - omi_volume_used_bytes / omi_volume_bytes",
    )
    least = topology.watching.disk_left.base
    return " or ".join(f"min by (site, host, mountpoint) ({left}) < {least:g}" for left in lefts)


def pool_full(topology: Topology) -> str:
    """Of the sessions that each front-end of a proxy may have."""
    used = "haproxy_frontend_current_sessions / haproxy_frontend_limit_sessions"
    return f"{used} > {topology.watching.pool_used.base:g}"


def desktops_full(topology: Topology) -> str:
    """Of the places on hosts that take people. Who is still on a host that is being drained needs one elsewhere."""
    places = "sum by (site) (omi_desktop_places * omi_desktop_serves * (1 - omi_desktop_drained))"
    return f"sum by (site) (omi_desktop_sessions) > {topology.watching.pool_used.base:g} * {places}"


DESKTOP_HOST_LOST = """
    label_replace(max by (site, server) (haproxy_server_status{proxy="desks", state="DOWN"}) == 1,
    "host", "$1", "server", "(.*)")
"""
"""As the brokers see it: that is what decides where people are sent."""


def backup_old(topology: Topology) -> str:
    """Red for its age, not checked for too long, or never checked where it should be."""
    silent = seconds(topology.watching.check_silent).removesuffix("s")
    stale = f"time() - omi_backup_checked_seconds > {silent}"
    never = "omi_backup_expected unless on (host) omi_backup_checked_seconds"
    unchecked = [f'label_replace({one}, "reason", "check", "", "")' for one in (stale, never)]
    return " or ".join([f'omi_backup_red{{reason=~"{OLD}"}} == 1', *unchecked])


def certificate(topology: Topology) -> str:
    """Hosts' certificates, and the authority's own, which needs longer."""
    watching = topology.watching
    left = {"!=": watching.certificate_left, "=": watching.authority_left}
    return " or ".join(
        f'omi_certificate_not_after_seconds{{name{sign}"authority"}} - time() < {round(least.base)}'
        for sign, least in left.items()
    )
