#!/usr/bin/env bash
# Question: a nightly load has the cron line "30 2 * * *" in Berlin's zone. Which runs does it have at the end of March,
#   when 2:30 does not exist, and at the end of October, when 2:30 comes twice?
# Guess: One run each night, the same in all libraries, as the cron of Linux has one.
# What happens: In October, croniter and APScheduler run twice within an hour: the load appends its day twice. CronSim
#   runs once, at the first 2:30, Dagster once, at the second: what watches the load by another library looks an hour
#   too early. In March, croniter, CronSim and Dagster run at 3:00, APScheduler at 3:30. "0 3 * * *" is the same in all.
# Versions: croniter 7.0.0, cronsim 2.8, APScheduler 3.11.3, dagster 1.13.27. CronSim, APScheduler and Dagster
#   describe these days in their documentation, each by its own rule; croniter's has examples of midnight.
# For a user: Schedule in UTC, or outside of 2:00 to 3:00.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile croniter==7.0.0 cronsim==2.8 APScheduler==3.11.3 dagster==1.13.27

venv/bin/python -W ignore - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


from datetime import datetime, timedelta, timezone
from importlib.metadata import version
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger
from croniter import croniter
from cronsim import CronSim
from dagster import TimeWindowPartitionsDefinition

print({name: version(name) for name in ("croniter", "cronsim", "APScheduler", "dagster")})
berlin = ZoneInfo("Europe/Berlin")


def by_croniter(line, start):
    times = croniter(line, start)
    while True:
        yield times.get_next(datetime)


def by_apscheduler(line, start):
    trigger, last, now = CronTrigger.from_crontab(line, timezone=berlin), None, start
    while True:
        last = trigger.get_next_fire_time(last, now)
        yield last
        now = (last.astimezone(timezone.utc) + timedelta(milliseconds=1)).astimezone(berlin)


def by_dagster(line, start):
    shown = {"fmt": "%Y-%m-%d-%H:%M", "timezone": "Europe/Berlin"}
    days = TimeWindowPartitionsDefinition(start=start, cron_schedule=line, **shown)
    for key in days.get_partition_keys(current_time=start + timedelta(days=9)):
        yield days.time_window_for_partition_key(key).start


LIBRARIES = {"croniter": by_croniter, "CronSim": CronSim, "APScheduler": by_apscheduler, "Dagster": by_dagster}


def runs(name, line, day):
    """All runs within 47 hours after noon of the day, in local time."""
    start = datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=berlin)
    found = []
    for time in LIBRARIES[name](line, start):
        time = time.astimezone(timezone.utc).astimezone(berlin)
        if time.timestamp() > start.timestamp() + 47 * 3600:
            return found
        found.append(f"{time:%d.%m. %H:%M %z}")


first, second, monday = "27.10. 02:30 +0200", "27.10. 02:30 +0100", "28.10. 02:30 +0100"
for name, found in (
    ("croniter", [first, second, monday]),
    ("CronSim", [first, monday]),
    ("APScheduler", [first, second, monday]),
    ("Dagster", [second, monday]),
):
    expect(f"{name}: 2:30 in October", runs(name, "30 2 * * *", "2024-10-26"), found)
for name, hour in (("croniter", "03:00"), ("CronSim", "03:00"), ("APScheduler", "03:30"), ("Dagster", "03:00")):
    found = [f"31.03. {hour} +0200", "01.04. 02:30 +0200"]
    expect(f"{name}: 2:30 in March", runs(name, "30 2 * * *", "2024-03-30"), found)
for name in LIBRARIES:
    found = [runs(name, "0 3 * * *", day) for day in ("2024-03-30", "2024-10-26")]
    march, october = ["31.03. 03:00 +0200", "01.04. 03:00 +0200"], ["27.10. 03:00 +0100", "28.10. 03:00 +0100"]
    expect(f"{name}: 3:00", found, [march, october])
PY
