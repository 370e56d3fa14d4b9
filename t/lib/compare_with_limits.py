#!/usr/bin/python3
"""Holds our limits against the Python package `limits` (flask-limiter's) on the same requests, in
simulated time.

usage: compare_with_limits.py REPLAY grammar|fixed|gcra|sliding

REPLAY is gatehouse_limit_replay. Prints what differs, and exits with 1 if anything does.

What must hold:
  grammar  parse_many and ours accept the same texts and read the same amounts and periods, but for
           what `known_difference` lists
  fixed    window=fixed align=first decides as FixedWindowRateLimiter, request by request
  gcra     of a key's first requests N pass and the next is refused, as by MovingWindowRateLimiter.
           From then on it is never the stricter one: who is refused has been admitted N times within
           the period before. And no period has more than 2N, no time T more than N + T·N/period.
  sliding  the first N pass and the next is refused, likewise. No window aligned to UTC has more than
           N, no period more than 2N.
"""
import bisect
import fractions
import itertools
import random
import re
import subprocess
import sys
import threading
import time


class NoTimer:
    """The storage sweeps expired entries by a thread; its decisions do not depend on that."""

    def __init__(self, *_):
        pass

    def start(self):
        pass

    def is_alive(self):
        return True


threading.Timer = NoTimer
import limits  # noqa: E402
from limits import storage, strategies  # noqa: E402

START_MS = 1_767_265_199_123
QUOTAS = ["1/second", "5/second", "10/minute", "7 per 3 minutes", "100/hour", "3/day"]
SEEDS = range(8)
failures = []


def expect(holds, *what):
    if not holds and len(failures) < 20:
        failures.append(" ".join(map(str, what)))


def requests(quota, seed):
    """(time in ms, key): bursts, steady streams and pauses around the quota's own pace."""
    rng = random.Random(f"{quota} {seed}")
    item = limits.parse(quota)
    pace = item.get_expiry() * 1000 / item.amount
    now = START_MS
    for _ in range(1500):
        factor = rng.choice([0, 0, 0, 0.05, 0.05, 0.5, 1, 1, 2])
        if rng.random() < 0.2 / item.amount:
            factor = item.amount * rng.choice([0.5, 1, 1, 3])
        # Sometimes exactly on the pace, so that windows end at the very millisecond of a request.
        now += int(pace * factor) if rng.random() < 0.3 else int(rng.expovariate(1) * pace * factor)
        yield now, rng.choice("aaab")


def decide(replay, quota, window, sequence):
    lines = "".join(f"{at} {key}\n" for at, key in sequence)
    run = subprocess.run([replay, "decide", quota, window, "first"], input=lines, text=True,
                         stdout=subprocess.PIPE, check=True)
    return [line.startswith("1") for line in run.stdout.splitlines()]


def decide_with_limits(strategy, quota, sequence):
    memory = storage.MemoryStorage()  # the limiter refers to it weakly
    limiter = strategy(memory)
    item = limits.parse(quota)
    answers = []
    for at, key in sequence:
        # Exact: as a float, a window's end would fall on either side of a request at that time.
        time.time = lambda at=at: fractions.Fraction(at, 1000)
        answers.append(limiter.hit(item, key))
    return answers


def each_sequence():
    for quota, seed in itertools.product(QUOTAS, SEEDS):
        yield quota, seed, list(requests(quota, seed))


def compare_fixed(replay):
    for quota, seed, sequence in each_sequence():
        ours = decide(replay, quota, "fixed", sequence)
        theirs = decide_with_limits(strategies.FixedWindowRateLimiter, quota, sequence)
        first = next((i for i, pair in enumerate(zip(ours, theirs)) if pair[0] != pair[1]), None)
        expect(ours == theirs, quota, "seed", seed, "differs first at request", first)
        expect(0 < sum(ours) < len(ours), quota, "seed", seed, "tests nothing")


def compare_first_burst(replay, window):
    for quota in QUOTAS:
        amount = limits.parse(quota).amount
        burst = [(START_MS + i // 50, "a") for i in range(amount + 1)]
        ours = decide(replay, quota, window, burst)
        expect(ours == [True] * amount + [False], quota, window, "in one burst:", ours)
        expect(ours == decide_with_limits(strategies.MovingWindowRateLimiter, quota, burst),
               quota, "limits differs on a burst")


def admitted_times(sequence, answers, key):
    return [at for (at, k), admitted in zip(sequence, answers) if admitted and k == key]


def most_within(times, period):
    """The most in any period, both ends counted."""
    return max((bisect.bisect_right(times, at + period) - i for i, at in enumerate(times)), default=0)


def compare_gcra(replay):
    compare_first_burst(replay, "gcra")
    for quota, seed, sequence in each_sequence():
        item = limits.parse(quota)
        period = item.get_expiry() * 1000
        answers = decide(replay, quota, "gcra", sequence)
        for key in "ab":
            times = admitted_times(sequence, answers, key)
            name = f"{quota} seed {seed} key {key}"
            expect(most_within(times, period) <= 2 * item.amount, name, "more than 2N in a period")
            for (i, early), (j, late) in itertools.combinations(list(enumerate(times))[::5], 2):
                expect(j - i + 1 <= item.amount + (late - early) * item.amount / period,
                       name, "more than N + T·N/period from", early, "to", late)
            for (at, k), admitted in zip(sequence, answers):
                if k == key and not admitted:
                    before = bisect.bisect_right(times, at) - bisect.bisect_left(times, at - period - 1)
                    expect(before >= item.amount, name, "refused at", at, "after", before)


def compare_sliding(replay):
    compare_first_burst(replay, "sliding")
    for quota, seed, sequence in each_sequence():
        item = limits.parse(quota)
        period = item.get_expiry() * 1000
        answers = decide(replay, quota, "sliding", sequence)
        for key in "ab":
            times = admitted_times(sequence, answers, key)
            name = f"{quota} seed {seed} key {key}"
            expect(most_within(times, period) <= 2 * item.amount, name, "more than 2N in a period")
            for _, window in itertools.groupby(times, lambda at: at // period):
                expect(len(list(window)) <= item.amount, name, "more than N in a window")


def known_difference(text, theirs):
    """Why we refuse what the package takes; None: we must agree."""
    if any(amount == 0 for amount, _ in theirs):
        return "an amount of 0 admits nothing: that is no quota but `return 429`"
    if re.search(r"(/|per)\s*0+\s*[a-z]", text, re.IGNORECASE):
        return "a multiple of 0 is taken for 1"
    if ":" in text:
        return "a colon before the separator is a slip in the package's expression, (:? for (?:"
    if any(period > 20 * 366 * 86400 for _, period in theirs):
        return "a word has room for 20 years"
    if any(amount > period * 1000 * 65536 for amount, period in theirs):
        return "a word has room for 65536 requests in a millisecond"
    if len(theirs) > 8:
        return "a quota has at most eight windows"
    return None


def texts(rng):
    """Texts that are quotas, nearly are, and are not."""
    amounts = ["1", "10", "007", "1000000", "0", "", "-1", "1.5", "ten", "99999999999999999999", "1 0"]
    links = ["/", " per ", "per", " PER ", " / ", " /", "/ ", "per ", "//", " p ", "", "in"]
    multiples = ["", "", "", "1 ", "2 ", "30", "0", "12  ", "-2 ", "2.", "1 2 "]
    units = ["second", "minute", "hour", "day", "month", "year", "seconds", "MINUTES", "Days", "years",
             "week", "sec", "minutess", "hou", "s", "", "day s"]
    spaces = ["", "", " ", "  ", "\t", "\n", " \r\n"]
    ends = ["", "", "", "", ";", ",", "x", "|", " ;", ";;", ":"]
    separators = [";", ",", "|", " ; ", ", ", ":;", "", " ", ";;", " and "]

    def likely(values, good):
        return rng.choice(values[:good]) if rng.random() < 0.9 else rng.choice(values)

    def one():
        return (likely(spaces, 3) + likely(amounts, 4) + likely(links, 8) + likely(multiples, 6)
                + likely(units, 10) + likely(spaces, 3))

    for _ in range(20_000):
        text = one()
        for _ in range(rng.choice([0, 0, 1, 2, 3, 9])):
            text += likely(separators, 5) + one()
        yield text + likely(ends, 4)


def compare_grammar(replay):
    corpus = list(texts(random.Random(20260101)))
    ours = []
    for i in range(0, len(corpus), 500):
        run = subprocess.run([replay, "windows", *corpus[i:i + 500]], text=True, stdout=subprocess.PIPE,
                             check=True)
        ours += run.stdout.splitlines()
    agreed = {True: 0, False: 0}
    for text, mine in zip(corpus, ours, strict=True):
        mine = None if mine == "error" else [tuple(map(int, pair)) for pair in
                                             zip(mine.split()[::2], mine.split()[1::2])]
        try:
            theirs = [(item.amount, item.get_expiry()) for item in limits.parse_many(text)]
        except ValueError:
            theirs = None
        if mine == theirs:
            agreed[mine is not None] += 1
        else:
            expect(mine is None and theirs and known_difference(text, theirs),
                   repr(text), "ours", mine, "theirs", theirs)
    expect(min(agreed.values()) > 2000, "the texts are one-sided:", agreed)


def main():
    replay, case = sys.argv[1:]
    {"grammar": compare_grammar, "fixed": compare_fixed, "gcra": compare_gcra,
     "sliding": compare_sliding}[case](replay)
    for failure in failures:
        print(failure)
    sys.exit(1 if failures else 0)


main()
