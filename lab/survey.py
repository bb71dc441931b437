"""What stands of the lab, looked at without changing anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lab import daemon, image_spec, images, kernel, namespace, pulumi_state, pulumi_tool
from lab.incus import Incus
from lab.paths import LabPaths
from lab.privilege import require_root


@dataclass(frozen=True)
class LabStatus:
    """The lab as seen now. `instances` counts by Incus's status; `memory`: bytes, all instances together."""

    root: str
    namespace: bool
    daemon: daemon.Step
    kernel: bool
    pulumi: str
    images: Mapping[str, str]
    outdated_images: tuple[str, ...]
    locked_by: int | None
    instances: Mapping[str, int] = field(default_factory=dict)
    memory: int = 0

    @property
    def is_up(self) -> bool:
        """Whether the lab is ready for `pulumi up`."""
        return self.namespace and self.daemon == "keep" and not self.outdated_images and bool(self.pulumi)


def status() -> LabStatus:
    """Look at the lab that OMI_LAB_DIR (or its default) names. Raises LabError when not run by root."""
    require_root()
    paths = LabPaths.from_environment()
    step = daemon.next_step(daemon.look(paths))
    built = images.index(paths)
    wanted = image_spec.load()
    outdated = tuple(k for k, spec in wanted.items() if k not in built or built[k].digest != spec.digest)
    counts, memory = _instances(paths) if step == "keep" else ({}, 0)
    return LabStatus(
        root=str(paths.root),
        namespace=namespace.is_namespace(paths.netns_file),
        daemon=step,
        kernel=kernel.is_raised(),
        pulumi=_pulumi(paths),
        images={kind: image.fingerprint for kind, image in built.items()},
        outdated_images=outdated,
        locked_by=pulumi_state.locked_by(paths),
        instances=counts,
        memory=memory,
    )


def _instances(paths: LabPaths) -> tuple[dict[str, int], int]:
    with Incus(paths) as incus:
        found = incus.get("/1.0/instances?recursion=2&all-projects=true")
    counts: dict[str, int] = {}
    memory = 0
    for instance in found:
        counts[instance["status"]] = counts.get(instance["status"], 0) + 1
        memory += ((instance.get("state") or {}).get("memory") or {}).get("usage", 0)
    return counts, memory


def _pulumi(paths: LabPaths) -> str:
    own = pulumi_tool.users_own(paths)
    if own:
        return str(own)
    return str(paths.pulumi_bin / "pulumi") if pulumi_tool.is_ready(paths) else ""
