"""All drills, in the order in which `omi drill all` plays them. To hang in another one, add its module here."""

from __future__ import annotations

from omi.drill.drills import (
    backup_damage,
    bc_loss,
    cert_expiry,
    cs_failover,
    db_host_down,
    db_kill,
    dc_loss,
    desktop_drain,
    desktop_host_loss,
    desktop_reconnect,
    disk_full,
    edge_down,
    line_cut,
    login_storm,
    restore_city,
    rolling_restart,
    wal_gap,
)
from omi.drill.story import Drill

DRILLS: dict[str, Drill] = {
    module.DRILL.name: module.DRILL
    for module in (
        rolling_restart,
        line_cut,
        edge_down,
        login_storm,
        desktop_reconnect,
        desktop_drain,
        desktop_host_loss,
        cs_failover,
        cert_expiry,
        db_kill,
        disk_full,
        db_host_down,
        bc_loss,
        backup_damage,
        wal_gap,
        restore_city,
        dc_loss,
    )
}
