#!/usr/bin/env bash
# Question: cron lines with a day of the week: "0 6 * * 1", "0 6 13 * 5", "0 6 */2 * 1". On which days of May 2024, and
#   on which Fridays the 13th, do four Python libraries run them?
# Guess: On Mondays; on the 13th and on Fridays, as cron's manual has it; on odd days and on Mondays. The same in all.
# What happens: "0 6 * * 1" is Tuesday in APScheduler's from_crontab, which promises "a standard crontab expression".
#   "0 6 13 * 5" is each Friday and each 13th in croniter and CronSim, but only Friday the 13th in Celery, of which May
#   has none, and Saturday the 13th in APScheduler. "0 6 */2 * 1" has 18 days in croniter, but only the two odd Mondays
#   in CronSim and Celery: in CronSim, as in Debian's cron, a field that begins with a star does not count as given.
# Versions: croniter 7.0.0, cronsim 2.8, APScheduler 3.11.3, celery 5.7.0. APScheduler's docstring warns of the first,
#   croniter's documentation of the third (implement_cron_bug).
# For a user: Write names of days (mon, fri), and never both kinds of days in one line.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile croniter==7.0.0 cronsim==2.8 APScheduler==3.11.3 celery==5.7.0

venv/bin/python -W ignore - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


from datetime import datetime, timedelta, timezone
from importlib.metadata import version

from apscheduler.triggers.cron import CronTrigger
from celery import Celery
from celery.schedules import crontab
from croniter import croniter
from cronsim import CronSim

print({name: version(name) for name in ("croniter", "cronsim", "APScheduler", "celery")})
start, end = datetime(2024, 5, 1, tzinfo=timezone.utc), datetime(2024, 6, 1, tzinfo=timezone.utc)


def by_croniter(line):
    return croniter(line, start).all_next(datetime)


def by_apscheduler(line):
    trigger, last, now = CronTrigger.from_crontab(line, timezone="UTC"), None, start
    while True:
        last = trigger.get_next_fire_time(last, now)
        yield last
        now = last + timedelta(seconds=1)


def by_celery(line):
    schedule, last = crontab.from_string(line), start
    schedule.app = app
    while True:
        begin, step, _ = schedule.remaining_delta(last)
        last = begin + step
        yield last


app = Celery()
app.conf.timezone = "UTC"
LIBRARIES = {
    "croniter": by_croniter,
    "CronSim": lambda line: CronSim(line, start),
    "Celery": by_celery,
    "APScheduler": by_apscheduler,
}


def days(name, line):
    found = []
    for time in LIBRARIES[name](line):
        if time >= end:
            return found
        found.append(time.day)


mondays, tuesdays, fridays = [6, 13, 20, 27], [7, 14, 21, 28], [3, 10, 17, 24, 31]
either = sorted({*range(1, 32, 2), *mondays})
for name, weekly, unlucky, odd in (
    ("croniter", mondays, sorted([*fridays, 13]), either),
    ("CronSim", mondays, sorted([*fridays, 13]), [13, 27]),
    ("Celery", mondays, [], [13, 27]),
    ("APScheduler", tuesdays, [], [7, 21]),
):
    expect(f"{name}: 0 6 * * 1", days(name, "0 6 * * 1"), weekly)
    expect(f"{name}: 0 6 * * mon", days(name, "0 6 * * mon"), mondays)
    expect(f"{name}: 0 6 13 * 5", days(name, "0 6 13 * 5"), unlucky)
    expect(f"{name}: 0 6 */2 * 1", days(name, "0 6 */2 * 1"), odd)
for name, day in (("Celery", "Friday 13 September"), ("APScheduler", "Saturday 13 July")):
    expect(f"{name}: the first run of 0 6 13 * 5", f"{next(iter(LIBRARIES[name]('0 6 13 * 5'))):%A %d %B}", day)
PY
