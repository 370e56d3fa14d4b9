"""When cron expressions run, minute by minute and by zoneinfo: the slow way, which takes no other.

Usage: cron_runs.py cases SEED COUNT     prints lines `FROM TO ZONE EXPRESSION` around clock changes
       cron_runs.py runs < CASES         prints the runs of each in Unix seconds
"""

import datetime
import random
import sys
import zoneinfo

ZONES = ["Australia/Lord_Howe", "America/Santiago", "Africa/Casablanca", "Europe/Berlin", "America/New_York",
         "Australia/Sydney", "Pacific/Auckland", "Europe/Dublin", "America/Sao_Paulo", "Pacific/Apia",
         "Asia/Kathmandu", "Africa/Cairo", "America/St_Johns", "UTC"]
YEARS = [2011, 2018, 2024, 2025]
BOUNDS = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 7)]
HOUR, DAY = 3600, 86400


def local(seconds, zone):
    return datetime.datetime.fromtimestamp(seconds, zone)


def changes(zone):
    """Unix seconds of the hours before which the offset changed."""
    for year in YEARS:
        first = int(datetime.datetime(year, 1, 1, tzinfo=datetime.timezone.utc).timestamp())
        before = local(first, zone).utcoffset()
        for seconds in range(first, first + 366 * DAY, HOUR):
            now = local(seconds, zone).utcoffset()
            if now != before:
                yield seconds
            before = now


def field(choice, low, high, starred):
    if choice.random() < starred:
        return choice.choice(["*", "*", f"*/{choice.choice([2, 5, 7, 15])}"])
    one = lambda: str(choice.randint(low, high))
    a, b = sorted(choice.sample(range(low, high + 1), 2))
    return choice.choice([one(), f"{one()},{one()}", f"{a}-{b}", f"{a}-{b}/{choice.randint(1, 4)}"])


def expression(choice):
    hours = field(choice, 0, 4, 0.3)  # most clocks change early
    return " ".join([field(choice, 0, 59, 0.2), hours, field(choice, 1, 28, 0.7), field(choice, 1, 12, 0.9),
                     field(choice, 0, 7, 0.7)])


def cases(seed, count):
    choice = random.Random(seed)
    all_changes = {name: list(changes(zoneinfo.ZoneInfo(name))) or [1735689600] for name in ZONES}
    for i in range(count):
        name = ZONES[i % len(ZONES)]
        change = choice.choice(all_changes[name])
        print(change - 2 * DAY, change + 2 * DAY, name, expression(choice))


def values(text, low, high):
    found = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        a, _, b = (f"{low}-{high}" if span == "*" else span).partition("-")
        found.update(range(int(a), int(b or a) + 1, int(step or 1)))
    return found


class Cron:
    def __init__(self, text):
        self.texts = text.split()
        self.minutes, self.hours, self.days, self.months, weekdays = (
            values(field, *bounds) for field, bounds in zip(self.texts, BOUNDS))
        self.weekdays = {day % 7 for day in weekdays}

    def is_interval(self):
        return self.texts[0].startswith("*") or self.texts[1].startswith("*")

    def has_day(self, day):
        by_day, by_weekday = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        both = not self.texts[2].startswith("*") and not self.texts[4].startswith("*")
        return day.month in self.months and (by_day or by_weekday if both else by_day and by_weekday)

    def has(self, time):
        return self.has_day(time) and time.hour in self.hours and time.minute in self.minutes


def first_instant(time, zone):
    """Of a time on the wall clock: its first occurrence, or when the clock jumped over it."""
    before = time.replace(tzinfo=zone, fold=0)
    seconds = int(before.timestamp())
    if local(seconds, zone).replace(tzinfo=None) == time:
        return seconds
    # The offset before the jump places it after the jump: go back to where the new offset begins.
    offset = local(seconds, zone).utcoffset()
    while local(seconds - 60, zone).utcoffset() == offset:
        seconds -= 60
    return seconds


def runs(start, end, zone, cron):
    if cron.is_interval():
        return [t for t in range(start - start % 60, end, 60) if t >= start and cron.has(local(t, zone))]
    found = set()
    day = local(start - 2 * DAY, zone).date()
    while day <= local(end + 2 * DAY, zone).date():
        if cron.has_day(day):
            found.update(first_instant(datetime.datetime(day.year, day.month, day.day, hour, minute), zone)
                         for hour in cron.hours for minute in cron.minutes)
        day += datetime.timedelta(days=1)
    return sorted(t for t in found if start <= t < end)


if sys.argv[1] == "cases":
    cases(int(sys.argv[2]), int(sys.argv[3]))
else:
    for line in sys.stdin:
        start, end, name, text = line.rstrip("\n").split(" ", 3)
        print(*runs(int(start), int(end), zoneinfo.ZoneInfo(name), Cron(text)))
