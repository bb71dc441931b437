"""What stands of the lab, looked at without changing anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from lab import cgroups, daemon, image_spec, images, kernel, namespace, pulumi_state, pulumi_tool
from lab.incus import Incus
from lab.paths import LabPaths
from lab.privilege import require_root


@dataclass(frozen=True)
class LabStatus:
    """The lab as seen now. `instances` counts by Incus's status."""

    root: str
    namespace: bool
    daemon: daemon.Step
    kernel: bool
    pulumi: str
    images: Mapping[str, str]
    outdated_images: tuple[str, ...]
    locked_by: int | None
    instances: Mapping[str, int] = field(default_factory=dict)
    memory: cgroups.MemoryUse = field(default_factory=cgroups.MemoryUse)

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
    counts = _instances(paths) if step == "keep" else {}
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
        memory=cgroups.memory(paths),
    )


def _instances(paths: LabPaths) -> dict[str, int]:
    with Incus(paths) as incus:
        found = incus.get("/1.0/instances?recursion=1&all-projects=true")
    return dict(Counter(instance["status"] for instance in found))


def _pulumi(paths: LabPaths) -> str:
    own = pulumi_tool.users_own(paths)
    if own:
        return str(own)
    return str(paths.pulumi_bin / "pulumi") if pulumi_tool.is_ready(paths) else ""
