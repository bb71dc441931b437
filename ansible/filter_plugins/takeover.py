"""Who may serve, decided from how every node stands: pure, so that each case is a row of a table in the tests.

Why it is decided like this: docs/decisions/0065.
"""

from __future__ import annotations

from typing import Any, NamedTuple

State = dict[str, Any]
"""As module database_state returns it; empty for a host that cannot be reached."""
States = dict[str, State]


NO_END = 2**63
"""Behind any position."""


class Verdict(NamedTuple):
    """What is to be done, or why not."""

    refusals: list[str]
    stop: list[str]
    """Members of the center that gives up, the primary last."""
    promote: bool
    follow: bool
    """Some of the center that gives up can be reached, and is to follow."""


def reached(states: States) -> States:
    """Those that could be asked."""
    return {name: state for name, state in states.items() if state}


def having(states: States, role: str) -> list[str]:
    """Names of members with the role."""
    return [name for name, state in states.items() if state and state["role"] == role]


def move(giving: States, taking: States, said: dict[str, bool]) -> Verdict:
    """Whether the service may go from the center ``giving`` to ``taking``, and what that takes.

    What a person has ``said``: ``lost``: what cannot be reached of ``giving`` is down; ``accept_loss``: what only
    ``giving`` has may go; ``decided``: where both serve, ``taking`` does so rightly; ``only_follow``: the service
    stays where it is, and ``giving`` is to follow if that is ``taking``.
    """
    promote = not having(taking, "primary")
    if promote and said.get("only_follow"):
        return Verdict([], [], False, False)
    there = reached(giving)
    serving = having(there, "primary")
    refusals = may_still_serve(giving, taking, said)
    if promote:
        refusals += cannot_take(taking)
    if promote and serving and not said.get("accept_loss"):
        refusals += is_behind(taking)
    if not promote and serving and not said.get("decided"):
        refusals.append(
            "both centers have a primary: run failover-to-backup-center.yml first, which ends that"
        )
    running = [name for name, state in there.items() if state["patroni"] or state["role"] == "primary"]
    stop = sorted(running, key=lambda name: name in serving) if promote or serving else []
    return Verdict(refusals, stop, promote, bool(there))


def cannot_take(taking: States) -> list[str]:
    """Why the center that is to take the service cannot."""
    there = reached(taking)
    if not there:
        return ["the center that is to take over cannot be reached"]
    if not having(there, "standby"):
        return ["the center that is to take over has no running standby: it has nothing to serve from"]
    if any(state["follows"] is None for state in there.values()):
        return ["the consensus store of the center that is to take over does not answer"]
    return []


def is_behind(taking: States) -> list[str]:
    """Why the service would have to stop for nothing: what it wrote last has not come over."""
    if any(state["streaming"] for state in reached(taking).values()):
        return []
    return ["the standby receives nothing from the primary; wait until it does, or say -e accept_loss=true"]


def may_still_serve(giving: States, taking: States, said: dict[str, bool]) -> list[str]:
    """Why there might be two writers."""
    silent = [name for name, state in giving.items() if not state]
    if not silent:
        return []
    names = " and ".join(silent)
    if not reached(giving) and any(state["streaming"] for state in reached(taking).values()):
        return [f"{names} cannot be reached, but the standby still receives from there: its primary is alive"]
    if not said.get("lost"):
        return [f"{names} cannot be reached and might go on serving; if surely down, say -e lost=true"]
    return []


def parting(one: State, other: State) -> list[dict[str, int]]:
    """The stretches of ``one``'s log that ``other`` does not have, as timeline and start.

    Both began alike: they part where a timeline ended at different places, or where ``other`` is behind. Where the
    log of a node that crashed ends, only the log itself says.
    """
    crashed = one["role"] == "stopped" and not one["clean"]
    mine = [*one["history"], [one["timeline"], NO_END if crashed else one["position"]]]
    theirs = [*other["history"], [other["timeline"], other["position"]]]
    for index, (timeline, end) in enumerate(mine):
        if index < len(theirs) and theirs[index] == [timeline, end]:
            continue
        same = index < len(theirs) and theirs[index][0] == timeline
        starts = [min(end, theirs[index][1]) if same else start_of(mine, index)]
        starts += [start_of(mine, later) for later in range(index + 1, len(mine))]
        return [{"timeline": row[0], "start": start} for row, start in zip(mine[index:], starts, strict=True)]
    return []


def start_of(timelines: list[list[int]], index: int) -> int:
    """Where the timeline at ``index`` began."""
    return timelines[index - 1][1] if index else 0


def furthest(states: States) -> State:
    """The member that has most: the highest timeline, then the furthest position. Empty if none was reached."""
    known = [state for state in states.values() if state and state["role"] != "none"]
    return max(known, key=lambda state: (state["timeline"], state["position"]), default={})


def loss(commits: int | None, accepted: bool) -> list[str]:
    """Why the other center may not go on without these commits, which are in one center's log only."""
    if accepted or commits == 0:
        return []
    number = "an unknown number of" if commits is None else str(commits)
    return [
        f"{number} commits are in one center alone and would be lost; to lose them, say -e accept_loss=true"
    ]


class FilterModule:
    """For Ansible."""

    def filters(self) -> dict[str, Any]:
        """Name to function."""
        return {
            "takeover_move": lambda giving, taking, said: move(giving, taking, said)._asdict(),
            "takeover_parting": parting,
            "takeover_furthest": furthest,
            "takeover_loss": loss,
        }
