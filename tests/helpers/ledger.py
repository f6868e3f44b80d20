"""Purchases summed up in plain Python, with decimals and counters: what the workload customers is held against."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import NamedTuple

from parlab.workloads.customers import TOP, Customer, Report, combine, items, tally

EPOCH = date(1970, 1, 1)


class Purchase(NamedTuple):
    """One row: who (None: not known), when, and how much."""

    customer: int | str | None
    day: date
    amount: Decimal


def report_on(purchases: Sequence[Purchase]) -> Report:
    """Sum all purchases up at once, each rounded to the cent as decimals are rounded: half to even."""
    named = [one for one in purchases if one.customer is not None]
    days: dict[int | str, list[int]] = defaultdict(list)
    spend: Counter[int | str] = Counter()
    for who, day, amount in named:
        days[who].append((day - EPOCH).days)
        spend[who] += int(amount.quantize(Decimal("0.01"), ROUND_HALF_EVEN) * 100)
    last_day = max(max(seen) for seen in days.values())
    best = sorted(days, key=lambda who: (-spend[who], who))[:TOP]
    return Report(
        customers=len(days),
        purchases=len(named),
        spend_cents=sum(spend.values()),
        unnamed_purchases=sum(1 for one in purchases if one.customer is None),
        last_day=last_day,
        median_recency_days=_lower_median([last_day - max(seen) for seen in days.values()]),
        median_frequency=_lower_median([len(seen) for seen in days.values()]),
        repeat_customers=sum(len(seen) > 1 for seen in days.values()),
        top=tuple(Customer(who, max(days[who]), len(days[who]), spend[who]) for who in best),
    )


def _lower_median(values: list[int]) -> int:
    return sorted(values)[(len(values) - 1) // 2]


def answer_of(folder: str | Path) -> Report:
    """Run the workload on a folder of partitions in a plain loop."""
    return combine([tally(partition) for partition in items(10_000, place=str(folder))])
