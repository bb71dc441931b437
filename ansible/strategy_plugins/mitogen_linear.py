"""Ansible's own order of tasks (`linear`), with one Python kept running on each host. Why: docs/decisions/0094."""

from ansible_mitogen import affinity
from ansible_mitogen.plugins.strategy.mitogen_linear import StrategyModule

__all__ = ["StrategyModule"]

# As shipped, it keeps the first of two or three processors for the process that talks with the hosts. Of two, one is
# left for everything else of Ansible, and the whole lab uses it as well.
affinity.policy = affinity.Policy()
