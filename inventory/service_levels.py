"""What the cloud promises, what is asked of it, what it has, how things break, and what could be bought.

These are the inputs of the capacity model, each with its source, because a verdict is only as good as the
weakest of them: the model names those it hinges on.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from inventory.quantity import Count, Duration, Frozen, Quantity, Rate, Share, Size, Text


class Number(Quantity):
    """A bare number that is not a count of things bought."""

    unit: Literal["times", "servers", "streams", "per hour"]

    @property
    def base(self) -> float:
        """The bare number."""
        return self.value


class Promise(Frozen):
    """The most that a user is asked to bear; each figure is compared with the upper end of its interval."""

    sign_in_p95: Duration
    """95 of 100 people have their desktop within, in the city where it takes longest."""
    sign_in_refused: Share
    """People for whom there is no place."""
    transaction_p95: Duration
    """95 of 100 transactions of the standard system are answered within."""
    replication_lag: Duration
    """How far the backup center's databases are behind at worst: what a disaster would lose."""
    backup_done_within: Duration
    """The night's backups lie in the backup center and its print data with the printing firm, counted
    from the opening of the window."""
    outage: Duration
    """The longest time for which some city reaches nothing."""


class ServiceLevels(Frozen):
    """What is promised, and when."""

    normal: Promise
    """Nothing is broken, or something of which there is a second one."""
    degraded: Promise
    """A city is cut off, the link to the backup center is, or the data center is lost."""


class Arrivals(Frozen):
    """When people come to work."""

    opens: Duration
    """Start of work, after midnight: the middle of the bell."""
    present: Share
    """Of all desk users, those who come on one day."""
    widths: Annotated[tuple[Duration, ...], Field(min_length=1, max_length=5)]
    """95% of the bell lies within; the first is the everyday one, the others are run as well."""


class DesktopWork(Frozen):
    """What one sign-in asks for, step by step, and one signed-in user from then on."""

    broker: Duration
    """Work of the broker, mean; exponential."""
    storage: Duration
    """For how long a sign-in asks the storage for workload.sign_in.storage_at_sign_in."""
    profile: Size
    """What of the profile is read over the storage network."""
    profile_rate: Rate
    """The most that one session host reads for one user."""
    processor: Duration
    """Work of the session host at sign-in, in seconds of one core."""
    first_screen: Size
    """What the display protocol sends until the desktop stands."""
    screen_rate: Rate
    """The most that one display connection takes."""
    varies: Share
    """Standard deviation from person to person of storage, profile and processor work together."""
    steady_core: Share
    """Of one core, by one signed-in user."""
    word: Share
    excel: Share
    powerpoint: Share
    web: Share
    video: Share
    """Of the people, who does what; the rest idles. Rates: the high ends of workload.display."""

    @model_validator(mode="after")
    def _at_most_everybody(self) -> Self:
        total = sum(one.value for one in (self.word, self.excel, self.powerpoint, self.web, self.video))
        if total > 100:
            raise ValueError(f"what people do adds up to {total:g}%; 100% or less is right")
        return self


class Transactions(Frozen):
    """The standard system's work, asked for by the core terminals (workload.counters.core_terminals_high)."""

    per_terminal: Number
    """An hour, on an ordinary day."""
    peak: Number
    """How many times as much on the year's worst day."""
    application: Duration
    """Work of an application server, mean, seconds of one core; exponential."""
    database: Duration
    """Work of the database server, likewise."""
    answer: Size
    screen_rate: Rate
    """The most that one answer takes of a line."""
    latency: Duration
    """There and back, without any queue."""
    updates: Share
    log: Size
    """Of the database's log, for an update: what replication carries."""


class Night(Frozen):
    """What is copied while nobody works; on the year's worst night."""

    opens: Duration
    """After midnight of the day before."""
    kikan: Size
    """Changed, a resident (kikan-kei)."""
    joho: Size
    """Changed, a desk user (joho-kei)."""
    varies: Share
    """Standard deviation of a city's amounts from night to night."""
    streams: Number
    """Connections that carry one city's joho-kei backup at once."""
    batch_log: Size
    """Database log of the night's batch jobs, a resident."""
    batch: Duration
    """How long they run."""
    printing: Size
    """Print data of the tax notices, a resident."""


class Demand(Frozen):
    """What is asked of the cloud."""

    arrivals: Arrivals
    desktop: DesktopWork
    transactions: Transactions
    night: Night
    degraded_desktops: Share
    """Of the desk users, those who get a desktop when the backup center runs everything."""
    floor: Share
    """What newcomers get at least of a line, storage or processor that others fill: their guarantee."""


class Pool(Frozen):
    """What a center has."""

    brokers: Number
    places: Count
    cores: Count
    """Of all session hosts."""
    storage: Count
    storage_rate: Rate
    application_cores: Count
    database_cores: Count
    edge_rate: Rate
    """What one edge router forwards in each direction."""


class Facilities(Frozen):
    """What there is, where the declaration's lines do not say it already."""

    data_center: Pool
    backup_center: Pool
    print_rate: Rate
    """From the data center to the printing firm."""


class Reliability(Frozen):
    """How often a thing breaks, and how long it stays so."""

    every: Duration
    repair: Duration


class Failures(Frozen):
    """Of each kind of thing that can break; and how a break is found."""

    line: Reliability
    city_router: Reliability
    edge: Reliability
    leg: Reliability
    data_center: Reliability
    retransmission: Duration
    """After a break is found: until TCP sends again."""
    takeover: Duration
    """From the loss of the data center until the backup center serves."""
    taken_over: Annotated[tuple[Text, ...], Field(max_length=100)]
    """Services that the backup center then runs; the others wait for the data center's repair."""


class Upgrades(Frozen):
    """What can be bought, smallest first. Each step is the whole new size, not what is added."""

    line: tuple[Rate, ...]
    access: tuple[Rate, ...]
    replication: tuple[Rate, ...]
    edge: tuple[Rate, ...]
    brokers: tuple[Number, ...]
    places: tuple[Count, ...]
    cores: tuple[Count, ...]
    storage: tuple[Count, ...]
    storage_rate: tuple[Rate, ...]
    database: tuple[Count, ...]
    application: tuple[Count, ...]
    print_rate: tuple[Rate, ...]

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        for name in type(self).model_fields:
            steps = [step.base for step in getattr(self, name)]
            if steps != sorted(set(steps)):
                raise ValueError(f"steps of {name} out of order; write them from the smallest to the largest")
        return self
