"""What each alert is about, as Prometheus sees it: faults that raise it, and what looks like one and is none."""

from __future__ import annotations

from typing import NamedTuple

STEP, WELL, BROKEN = 5, 600, 300
"""Seconds between two samples; how long all is well, before and after; how long it is broken."""
DAY = 86400


def of(good: float, bad: float | None) -> str:
    """A series that is ``good``, then ``bad`` (None: not there), then ``good`` again."""
    wrong = f"stale _x{BROKEN // STEP - 1}" if bad is None else f"{bad}+0x{BROKEN // STEP - 1}"
    return f"{good}+0x{WELL // STEP - 1} {wrong} {good}+0x{WELL // STEP - 1}"


def always(value: float) -> str:
    """A series that never changes."""
    return of(value, value)


class Case(NamedTuple):
    """A fault as Prometheus sees it, and what the alert is then about."""

    alert: str
    series: dict[str, str]
    labels: dict[str, str]


HOST = 'host="dc-db1", site="dc"'
FOLLOWER = 'host="bc-db1", site="bc"'
LINE = 'host="dc-edge1", peer="konan-ce1", interface="c5l1"'
LINE_LABELS = {"host": "dc-edge1", "peer": "konan-ce1", "interface": "c5l1"}
HOST_LABELS = {"host": "dc-db1", "site": "dc"}
STORE_LABELS = {"host": "bc-store1"}
RUNS = {
    f"patroni_postgres_running{{{HOST}}}": always(1),
    f"patroni_postgres_running{{{FOLLOWER}}}": always(1),
}
DESK = 'host="dc-desk1", site="dc"'
DESKS = {
    f"omi_desktop_places{{{DESK}}}": always(30),
    f"omi_desktop_serves{{{DESK}}}": always(1),
    f"omi_desktop_drained{{{DESK}}}": always(0),
}
STEADY_LOG = f"0+1000x{(WELL + BROKEN + WELL) // STEP}"
STUCK_LOG = (
    f"0+1000x{WELL // STEP - 1} {1000 * (WELL // STEP - 1)}+0x{BROKEN // STEP - 1} "
    f"{1000 * (WELL + BROKEN) // STEP}+1000x{WELL // STEP}"
)
SOON = f"{14 * DAY + WELL}+0x{WELL // STEP - 1} {14 * DAY}+0x{BROKEN // STEP - 1} {90 * DAY}+0x{WELL // STEP}"
"""A certificate that comes near its end, and is renewed."""
BEGAN_ANEW = f"1000+0x{WELL // STEP - 1} 2000+0x{(BROKEN + WELL) // STEP}"
CAME_BACK = (
    f"0+{STEP}x{WELL // STEP - 1} {WELL - STEP}+0x{BROKEN // STEP - 1} {WELL + BROKEN}+{STEP}x{WELL // STEP}"
)
READ_LATE = f"0+{STEP}x{WELL // STEP - 1} {WELL}+0x{BROKEN // STEP - 1} {WELL + BROKEN}+{STEP}x{WELL // STEP}"


def server(broker: str, state: str) -> str:
    """A state of a session host, as a broker says it."""
    labels = f'host="{broker}", site="dc", proxy="desks", server="dc-desk1", state="{state}"'
    return f"haproxy_server_status{{{labels}}}"


def red(reason: str) -> dict[str, str]:
    """A check of the backups that finds this."""
    return {
        f'omi_backup_red{{host="bc-store1", reason="{reason}"}}': of(0, 1),
        'omi_backup_checked_seconds{host="bc-store1"}': f"0+{STEP}x{(WELL + BROKEN + WELL) // STEP}",
    }


CASES = [
    Case(
        "MonitorDown",
        {'up{job="monitor", host="bc-monitor1"}': of(1, 0)},
        {"host": "bc-monitor1", "job": "monitor"},
    ),
    Case("HostDown", {f'up{{job="node", {HOST}}}': of(1, 0)}, HOST_LABELS | {"job": "node"}),
    Case("LineDown", {f"omi_bfd_up{{{LINE}}}": of(1, 0)}, LINE_LABELS),
    Case(
        "BfdFlapping",
        {f"omi_bfd_downs_total{{{LINE}}}": f"7+0x{WELL // STEP - 1} 8+1x3 11+0x{(BROKEN + WELL) // STEP}"},
        LINE_LABELS,
    ),
    Case("DatabaseWithoutPrimary", {**RUNS, f"patroni_primary{{{HOST}}}": of(1, 0)}, {}),
    Case("DatabaseWithoutPrimary", {**RUNS, f"patroni_primary{{{HOST}}}": of(1, None)}, {}),
    Case(
        "DatabaseWithoutPrimary",
        {f"patroni_primary{{{HOST}}}": always(1), f"patroni_postgres_running{{{HOST}}}": of(1, 0)},
        {},
    ),
    Case(
        "TwoPrimaries",
        {**RUNS, f"patroni_primary{{{HOST}}}": always(1), f"patroni_primary{{{FOLLOWER}}}": of(0, 1)},
        {},
    ),
    Case(
        "DatabaseUnprotected",
        {
            **RUNS,
            f"patroni_sync_standby{{{HOST}}}": of(1, 0),
            f"patroni_standby_leader{{{FOLLOWER}}}": always(1),
        },
        {"copy": "second node"},
    ),
    Case(
        "DatabaseUnprotected",
        {
            **RUNS,
            f"patroni_sync_standby{{{HOST}}}": always(1),
            f"patroni_standby_leader{{{FOLLOWER}}}": of(1, None),
        },
        {"copy": "other center"},
    ),
    Case(
        "ReplicationLag",
        {
            f"patroni_xlog_location{{{HOST}}}": STEADY_LOG,
            f"patroni_xlog_location{{{FOLLOWER}}}": always(0),
            f"patroni_xlog_received_location{{{HOST}}}": always(0),
            f"patroni_xlog_received_location{{{FOLLOWER}}}": STUCK_LOG,
        },
        {"host": "bc-db1", "site": "bc"},
    ),
    Case(
        "DiskFull",
        {
            f'node_filesystem_size_bytes{{{HOST}, mountpoint="/log"}}': always(1000),
            f'node_filesystem_avail_bytes{{{HOST}, mountpoint="/log"}}': of(101, 99),
        },
        HOST_LABELS | {"mountpoint": "/log"},
    ),
    Case(
        "DiskFull",
        {  # a quota makes the volume: the file system's own figures say nothing
            f'node_filesystem_size_bytes{{{HOST}, mountpoint="/log"}}': always(1000),
            f'node_filesystem_avail_bytes{{{HOST}, mountpoint="/log"}}': always(900),
            f'omi_volume_bytes{{{HOST}, mountpoint="/log"}}': always(100),
            f'omi_volume_used_bytes{{{HOST}, mountpoint="/log"}}': of(89, 91),
        },
        HOST_LABELS | {"mountpoint": "/log"},
    ),
    Case("DatabaseRestarted", {f"patroni_postmaster_start_time{{{HOST}}}": BEGAN_ANEW}, HOST_LABELS),
    *(
        Case("BackupOld", red(reason), STORE_LABELS | {"reason": reason})
        for reason in ("full", "backup", "snapshot", "nothing")
    ),
    Case(
        "BackupOld",
        {
            'omi_backup_expected{host="bc-store1"}': always(1),
            'omi_backup_checked_seconds{host="bc-store1"}': of(2 * WELL, None),
        },
        STORE_LABELS | {"reason": "check"},
    ),
    *(
        Case("BackupDamaged", red(reason), STORE_LABELS | {"reason": reason})
        for reason in ("verify", "restore", "repository", "ahead")
    ),
    *(
        Case("ArchiveGap", red(reason), STORE_LABELS | {"reason": reason})
        for reason in ("gap", "gone", "archive")
    ),
    Case(
        "CertificateExpiring",
        {f'omi_certificate_not_after_seconds{{{HOST}, name="db"}}': SOON},
        HOST_LABELS | {"name": "db"},
    ),
    Case(
        "CertificateExpiring",
        {f'omi_certificate_not_after_seconds{{{HOST}, name="authority"}}': of(200 * DAY, 100 * DAY)},
        HOST_LABELS | {"name": "authority"},
    ),
    Case(
        "CityCertificateExpired",
        {  # each of the pair has seen the city, and the one that has it now refuses it
            'omi_cs_served_seconds{city="konan", host="dc-cs1"}': CAME_BACK,
            'omi_cs_served_seconds{city="konan", host="dc-cs2"}': always(1),
            'omi_cs_expired_seconds{city="konan", host="dc-cs1"}': always(0),
            'omi_cs_expired_seconds{city="konan", host="dc-cs2"}': of(0, WELL),
        },
        {"city": "konan"},
    ),
    *(
        Case(
            "CsServerLost",
            {
                'up{job="node", role="cs", host="dc-cs1"}': of(1, answers),
                'omi_cs_ready{host="dc-cs1"}': of(1, ready),
            },
            {"host": "dc-cs1", "job": "node", "role": "cs"},
        )
        for answers, ready in ((0, None), (1, 0))
    ),
    Case(
        "PoolFull",
        {
            'haproxy_frontend_limit_sessions{host="dc-proxy1", proxy="databases"}': always(100),
            'haproxy_frontend_current_sessions{host="dc-proxy1", proxy="databases"}': of(80, 81),
        },
        {"host": "dc-proxy1", "proxy": "databases"},
    ),
    Case("DesktopsFull", DESKS | {f"omi_desktop_sessions{{{DESK}}}": of(24, 25)}, {"site": "dc"}),
    Case(
        "DesktopsFull",
        {
            **{name: values for name, values in DESKS.items() if "drained" not in name},
            f"omi_desktop_drained{{{DESK}}}": of(0, 1),
            f"omi_desktop_sessions{{{DESK}}}": always(1),
        },
        {"site": "dc"},
    ),
    Case(
        "DesktopHostLost",
        {server(broker, "DOWN"): of(0, 1) for broker in ("dc-broker1", "dc-broker2")},
        {"site": "dc", "host": "dc-desk1", "server": "dc-desk1"},
    ),
    Case(
        "ServiceDown",
        {
            f'omi_service_expected{{{HOST}, name="patroni.service"}}': always(1),
            f'node_systemd_unit_state{{{HOST}, name="patroni.service", state="active"}}': of(1, 0),
        },
        HOST_LABELS | {"name": "patroni.service"},
    ),
    Case(
        "ServiceDown",
        {f'node_systemd_unit_state{{{HOST}, name="x.service", state="failed"}}': of(0, 1)},
        HOST_LABELS | {"name": "x.service"},
    ),
    Case(
        "ServiceDown",
        {  # one that the exporter does not show by name
            f'node_systemd_units{{{HOST}, state="failed"}}': of(0, 1),
            f'node_systemd_unit_state{{{HOST}, name="patroni.service", state="failed"}}': always(0),
        },
        HOST_LABELS | {"name": "another unit"},
    ),
    Case(
        "ServiceDown",
        {f'up{{job="database", {HOST}}}': of(1, 0), f'up{{job="node", {HOST}}}': always(1)},
        HOST_LABELS | {"name": "database"},
    ),
    Case(
        "ServiceDown",
        {
            'haproxy_backend_active_servers{host="dc-proxy1", site="dc", proxy="business"}': of(2, 0),
            f"patroni_primary{{{HOST}}}": always(1),
        },
        {"host": "dc-proxy1", "site": "dc", "name": "business"},
    ),
    Case(
        "ReadingsOld",
        {f'node_textfile_mtime_seconds{{{HOST}, file="/f/routing.prom"}}': READ_LATE},
        HOST_LABELS | {"file": "/f/routing.prom"},
    ),
]
QUIET = [
    Case(
        "DesktopHostLost",
        {  # closed by a person
            server("dc-broker1", "DOWN"): always(0),
            server("dc-broker1", "MAINT"): always(1),
        },
        {},
    ),
    Case(
        "ReplicationLag",
        {  # nothing is written, so nobody is behind
            f"patroni_xlog_location{{{HOST}}}": always(5000),
            f"patroni_xlog_received_location{{{FOLLOWER}}}": always(5000),
        },
        {},
    ),
    Case(
        "BfdFlapping",
        {f"omi_bfd_downs_total{{{LINE}}}": f"0+0x{WELL // STEP} 1+0x2 2+0x{BROKEN // STEP}"},
        {},
    ),
    Case(
        "ServiceDown",
        {  # where the databases do not serve, nothing else can
            'haproxy_backend_active_servers{host="bc-proxy1", site="bc", proxy="business"}': always(0),
            f"patroni_primary{{{FOLLOWER}}}": always(0),
        },
        {},
    ),
    Case(
        "ServiceDown",
        {  # the job says itself what it has found
            'node_systemd_unit_state{host="bc-store1", name="omi-backup-check.service", state="failed"}': always(
                1
            ),
            'node_systemd_units{host="bc-store1", state="failed"}': always(1),
        },
        {},
    ),
    Case(
        "ServiceDown",
        {  # the whole host is down, and that is said once
            f'up{{job="database", {HOST}}}': of(1, 0),
            f'up{{job="node", {HOST}}}': of(1, 0),
        },
        {},
    ),
]
"""What looks like a fault and is none."""
