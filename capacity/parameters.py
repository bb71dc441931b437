"""The declaration's quantities as plain numbers in base units, and the way back to where each is declared.

The simulation computes with :class:`Parameters`; the verdict names its assumptions by their declared paths.
The table :data:`PATHS` is the one place where the two meet.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import reduce
from typing import Any, Literal

from inventory.model import Cloud
from inventory.quantity import Quantity

CenterName = Literal["dc", "bc"]

PATHS = {
    "opens": "demand.arrivals.opens",
    "present": "demand.arrivals.present",
    "broker_s": "demand.desktop.broker",
    "storage_s": "demand.desktop.storage",
    "iops_at_sign_in": "workload.sign_in.storage_at_sign_in",
    "iops_steady": "workload.sign_in.storage_steady",
    "profile_bytes": "demand.desktop.profile",
    "profile_bps": "demand.desktop.profile_rate",
    "processor_s": "demand.desktop.processor",
    "screen_bytes": "demand.desktop.first_screen",
    "screen_bps": "demand.desktop.screen_rate",
    "varies": "demand.desktop.varies",
    "steady_core": "demand.desktop.steady_core",
    "word": "demand.desktop.word",
    "excel": "demand.desktop.excel",
    "powerpoint": "demand.desktop.powerpoint",
    "web": "demand.desktop.web",
    "video": "demand.desktop.video",
    "idle_bps": "workload.display.idle",
    "word_bps": "workload.display.word.high",
    "excel_bps": "workload.display.excel.high",
    "powerpoint_bps": "workload.display.powerpoint.high",
    "web_bps": "workload.display.web.high",
    "video_bps": "workload.display.video.high",
    "terminals": "workload.counters.core_terminals_high",
    "per_terminal": "demand.transactions.per_terminal",
    "peak": "demand.transactions.peak",
    "application_s": "demand.transactions.application",
    "database_s": "demand.transactions.database",
    "answer_bytes": "demand.transactions.answer",
    "answer_bps": "demand.transactions.screen_rate",
    "latency_s": "demand.transactions.latency",
    "updates": "demand.transactions.updates",
    "log_bytes": "demand.transactions.log",
    "kikan_bytes": "demand.night.kikan",
    "joho_bytes": "demand.night.joho",
    "night_varies": "demand.night.varies",
    "streams": "demand.night.streams",
    "batch_bytes": "demand.night.batch_log",
    "batch_s": "demand.night.batch",
    "printing_bytes": "demand.night.printing",
    "degraded_desktops": "demand.degraded_desktops",
    "floor": "demand.floor",
    **{
        f"{center}_{field}": f"facilities.{place}.{name}"
        for center, place in (("dc", "data_center"), ("bc", "backup_center"))
        for field, name in (
            ("brokers", "brokers"),
            ("places", "places"),
            ("cores", "cores"),
            ("iops", "storage"),
            ("storage_bps", "storage_rate"),
            ("application_cores", "application_cores"),
            ("database_cores", "database_cores"),
            ("edge_bps", "edge_rate"),
        )
    },
    "print_bps": "facilities.print_rate",
    "access_bps": "backup_center.access",
    "replication_bps": "replication.rate",
    "bfd_s": "bfd.interval",
    "retransmission_s": "failures.retransmission",
    "takeover_s": "failures.takeover",
    **{
        f"{kind}_{field}": f"failures.{kind}.{name}"
        for kind in ("line", "city_router", "edge", "leg", "data_center")
        for field, name in (("every_s", "every"), ("repair_s", "repair"))
    },
}
"""Parameter to the path of its quantity in cloud.yaml."""


@dataclass(frozen=True)
class Center:
    """What one center has; numbers as in :class:`Parameters`."""

    brokers: float
    places: float
    cores: float
    iops: float
    storage_bps: float
    application_cores: float
    database_cores: float
    edge_bps: float


@dataclass(frozen=True)
class Parameters:
    """The model's numbers: seconds (``_s``), bytes, bit/s, IOPS, shares of 1, or counts. Fields as in
    :data:`PATHS`.
    """

    opens: float
    present: float
    broker_s: float
    storage_s: float
    iops_at_sign_in: float
    iops_steady: float
    profile_bytes: float
    profile_bps: float
    processor_s: float
    screen_bytes: float
    screen_bps: float
    varies: float
    steady_core: float
    word: float
    excel: float
    powerpoint: float
    web: float
    video: float
    idle_bps: float
    word_bps: float
    excel_bps: float
    powerpoint_bps: float
    web_bps: float
    video_bps: float
    terminals: float
    per_terminal: float
    peak: float
    application_s: float
    database_s: float
    answer_bytes: float
    answer_bps: float
    latency_s: float
    updates: float
    log_bytes: float
    kikan_bytes: float
    joho_bytes: float
    night_varies: float
    streams: float
    batch_bytes: float
    batch_s: float
    printing_bytes: float
    degraded_desktops: float
    floor: float
    dc_brokers: float
    dc_places: float
    dc_cores: float
    dc_iops: float
    dc_storage_bps: float
    dc_application_cores: float
    dc_database_cores: float
    dc_edge_bps: float
    bc_brokers: float
    bc_places: float
    bc_cores: float
    bc_iops: float
    bc_storage_bps: float
    bc_application_cores: float
    bc_database_cores: float
    bc_edge_bps: float
    print_bps: float
    access_bps: float
    replication_bps: float
    bfd_s: float
    retransmission_s: float
    takeover_s: float
    line_every_s: float
    line_repair_s: float
    city_router_every_s: float
    city_router_repair_s: float
    edge_every_s: float
    edge_repair_s: float
    leg_every_s: float
    leg_repair_s: float
    data_center_every_s: float
    data_center_repair_s: float
    widths_s: tuple[float, ...] = (1800.0,)
    """Within which 95% arrive; the first is the everyday one."""
    bfd_multiplier: int = 3
    database_share: float = 0.7
    """Of the replication link, guaranteed to the databases."""
    bulk_share: float = 0.3
    line_least_bps: float = 0.0
    """What every city line has at least: above 0 after an upgrade."""

    def center(self, name: CenterName) -> Center:
        """The data center's (``dc``) or the backup center's (``bc``) equipment."""
        fields = dataclasses.fields(Center)
        return Center(**{field.name: getattr(self, f"{name}_{field.name}") for field in fields})

    @property
    def detection_s(self) -> float:
        """Until a dead line is found."""
        return self.bfd_s * self.bfd_multiplier

    @property
    def display_bps(self) -> float:
        """What one signed-in user's display takes on average."""
        uses = ("word", "excel", "powerpoint", "web", "video")
        busy = sum(getattr(self, use) * getattr(self, f"{use}_bps") for use in uses)
        return float(busy + max(0.0, 1 - sum(getattr(self, use) for use in uses)) * self.idle_bps)

    @property
    def transactions_per_user(self) -> float:
        """A second, for each desk user, on the worst day."""
        return self.terminals * self.per_terminal * self.peak / 3600


def parameters(cloud: Cloud) -> Parameters:
    """The parameters that ``cloud`` declares."""
    file = cloud.file
    classes = sorted(file.replication.classes, key=lambda one: one.priority)
    return Parameters(
        **{name: quantity(cloud, path).base for name, path in PATHS.items()},
        widths_s=tuple(width.base for width in file.demand.arrivals.widths),
        bfd_multiplier=file.bfd.multiplier,
        database_share=sum(one.guarantee.base for one in classes if one.ports),
        bulk_share=sum(one.guarantee.base for one in classes if not one.ports),
    )


def quantity(cloud: Cloud, path: str) -> Quantity:
    """The quantity declared at ``path`` of cloud.yaml. Raises AttributeError if there is none."""
    found: Any = reduce(getattr, path.split("."), cloud.file)
    if not isinstance(found, Quantity):
        raise AttributeError(f"{path} is no quantity")
    return found


def scaled(one: Parameters, name: str, factor: float) -> Parameters:
    """``one`` with the parameter ``name`` multiplied by ``factor``."""
    return changed(one, {name: getattr(one, name) * factor})


def changed(one: Parameters, values: dict[str, float]) -> Parameters:
    """``one`` with other values of some of its parameters."""
    fields: dict[str, Any] = dict(values)
    return dataclasses.replace(one, **fields)
