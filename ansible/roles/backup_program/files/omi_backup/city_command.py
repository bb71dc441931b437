"""``python3 -m omi_backup.city_command STEP --at TIME DATABASE...``: the steps of ansible/restore-city.yml.

plan     prints done, or restore; refuses with the reason (status 1)
dump     restores the cluster as of then on this host and dumps the databases; prints the folder
begin    prints the SQL that makes the empty copies, for the primary
compare  holds what was loaded against what was restored
end      prints the SQL that marks the copies as finished
forget   removes the dumps
"""

from __future__ import annotations

import argparse
import shutil
import sys

from omi_backup import city
from omi_backup.run import FailedError
from omi_backup.settings import CONFIG, DatabaseSettings, read


def perform(options: argparse.Namespace, settings: DatabaseSettings) -> str:
    """What the step prints. Raises RefusedError and FailedError with the reason."""
    if options.step == "plan":
        return city.plan(settings, options.at, options.databases, options.replace)
    if options.step == "dump":
        return str(city.dump(settings, options.at, options.databases))
    if options.step == "begin":
        return "\n".join(city.sql_of_copy(name) for name in options.databases)
    if options.step == "end":
        return "".join(city.sql_of_end(name, options.at) for name in options.databases)
    if options.step == "compare":
        if faults := city.compare(settings, options.databases):
            raise city.RefusedError("; ".join(faults))
        return "alike"
    shutil.rmtree(settings.scratch / "city", ignore_errors=True)
    return "forgotten"


def main(arguments: list[str]) -> int:
    """Do a step. Returns the exit status: 1 with a reason on standard error if it is refused or fails."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("step", choices=["plan", "dump", "begin", "compare", "end", "forget"])
    parser.add_argument("--at", required=True)
    parser.add_argument("--replace", action="store_true")
    parser.add_argument("databases", nargs="+")
    options = parser.parse_args(arguments)
    settings = read(CONFIG)
    try:
        if not isinstance(settings, DatabaseSettings):
            raise city.RefusedError("this host keeps no databases' backups")
        print(perform(options, settings))
    except (city.RefusedError, FailedError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
