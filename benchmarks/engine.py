"""The engine alone, from arrays in memory, beside ChannelAttribution where it is installed (`make peers`)."""

import contextlib
import io
import statistics
import time
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

import attribution as engine
from attribution.simulation import WORLDS, simulate
from benchmarks import peers
from benchmarks.rows import Row, row, seconds_of

_JOURNEYS = 1_000_000
_MEAN_LENGTH = 4.5
_DAY_MS = 86_400_000
_CHANNELS = ("Direct", "Paid Search", "Organic Search", "Email", "Display", "Paid Social", "Affiliates", "Referral",
             "Audio", "Paid Video", "SMS", "Organic Social")  # fmt: skip
_FIVE = ("last_touch", "last_non_direct", "linear", "position_based", "time_decay")
_NOTE = "numpy, median of 3"


def journeys(size: int) -> engine.JourneyArrays:
    """Return *size* journeys from a fixed seed: lengths geometric, ages up to 40 days, three kinds of touchpoint."""
    rng = np.random.default_rng(1)
    lengths = rng.geometric(1 / _MEAN_LENGTH, size)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    owners = np.repeat(np.arange(size), lengths)
    ages = rng.integers(0, 40 * _DAY_MS, offsets[-1])
    ages = ages[np.lexsort((-ages, owners))]  # touch order: the oldest first
    return engine.JourneyArrays(
        offsets=offsets,
        ages_ms=ages,
        channels=rng.integers(0, len(_CHANNELS), offsets[-1]).astype(np.uint8),
        kinds=rng.integers(0, 3, offsets[-1]).astype(np.uint8),
        channel_names=list(_CHANNELS),
    )


def paths(size: int, channels: int, groups: int = 1) -> engine.PathArrays:
    """Return *size* paths from a fixed seed, of which one in ten converts."""
    rng = np.random.default_rng(2)
    lengths = rng.geometric(1 / _MEAN_LENGTH, size)
    converted = (rng.random(size) < 0.1).astype(np.int64)
    return engine.PathArrays(
        offsets=np.concatenate([[0], np.cumsum(lengths)]),
        channels=rng.integers(0, channels, lengths.sum()).astype(np.int16),
        channel_names=[f"c{code:03}" for code in range(channels)],
        conversions=converted,
        nulls=1 - converted,
        groups=rng.integers(0, groups, size),
        n_groups=groups,
    )


def run() -> list[Row]:
    """Time every method that the engine defines."""
    return [*_rules(), *_chains(), *_values(), *_updates(), *_wide(), *_causes(), *_ten_million()]


def _rules() -> list[Row]:
    made, rows = journeys(_JOURNEYS), []
    for name, method in engine.METHODS.items():
        median = _median(lambda spec=method.spec: engine.credit_arrays(spec, made))  # type: ignore[misc]
        rows.append(row(f"engine: {name}, 1,000,000 journeys", round(median, 3), "s", "", f"each share, {_NOTE}"))
    rows += _together(made, tuple(engine.METHODS), "< 0.1")
    if peers.IS_INSTALLED:
        frame = peers.frame(paths(_JOURNEYS, 12))
        taken = _peer(lambda module: module.heuristic_models(frame, "path", "conversions", flg_pro=False))
        rows.append(row("ChannelAttribution: three heuristics", round(taken, 2), "s", "", "from text, once"))
    return rows


def _together(made: engine.JourneyArrays, names: Sequence[str], asked: str) -> list[Row]:
    """Time methods asked together, by one thread and by two, in processor time too: other programs change it less."""
    specs = _specs(names)
    what = f"engine: {len(names)} rule-based methods together, {len(made.offsets) - 1:,} journeys"
    rows = []
    for threads in (1, 2):
        work = partial(engine.channel_totals, specs, made, threads=threads)
        note = f"totals by channel, {_processor_seconds(work):.3f} s of processor time, {_NOTE}"
        rows.append(row(f"{what}, {threads} thread(s)", round(_median(work), 3), "s", asked, note))
    return rows


def _ten_million() -> list[Row]:
    """Time what ten million journeys take, and how much memory on top of them."""
    made = journeys(10 * _JOURNEYS)
    rows = _together(made, _FIVE, "< 0.6")
    rows.append(_memory("five rule-based methods", partial(engine.channel_totals, _specs(_FIVE), made)))
    del made
    found = paths(10 * _JOURNEYS, 12)
    for order, asked in ((1, "< 2"), (2, "< 3")):
        rows.append(_chain("12 channels", found, order, asked))
        work = partial(engine.TransitionCounts.of, found, order)
        rows.append(_memory(f"markov({order})", lambda work=work: engine.fit_markov(work(), replicates=0)))  # type: ignore[misc]
    return rows


def _memory(what: str, work: Callable[[], object]) -> Row:
    """Return the most that numpy held at a time beside what was there before."""
    tracemalloc.start()
    work()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return row(f"engine: {what}, 10,000,000 journeys: memory", round(most / 1e9, 2), "GB", "< 1", "above the data")


def _processor_seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def _processor_median(work: Callable[[], object]) -> float:
    """Return the median of five, once warm: milliseconds by the clock are other programs' on a shared machine."""
    work()
    return statistics.median(_processor_seconds(work) for _ in range(5))


def _specs(names: Sequence[str]) -> list[engine.MethodSpec]:
    return [engine.METHODS[name].spec for name in names]


def _chains() -> list[Row]:
    made = paths(_JOURNEYS, 12)
    rows = [_chain("12 channels", made, order, asked) for order, asked in ((1, "< 0.4"), (2, ""), (3, "< 0.6"))]
    if peers.IS_INSTALLED:
        frame = peers.frame(made)
        for order in (1, 3):
            taken = _peer(lambda module, order=order: module.markov_model(
                frame, "path", "conversions", var_null="nulls", order=order, flg_pro=False, verbose=False))  # fmt: skip
            rows.append(
                row(f"ChannelAttribution: markov({order})", round(taken, 2), "s", "", "simulated, from text, once")
            )
    grouped = paths(_JOURNEYS, 12, engine.GROUPS)
    taken = _median(lambda: engine.fit_markov(engine.TransitionCounts.of(grouped)))
    rows.append(row("engine: markov(1) with 200 bootstrap replicates", round(taken, 3), "s", "< 10", _NOTE))
    return rows


def _chain(what: str, made: engine.PathArrays, order: int, asked: str) -> Row:
    taken = _median(lambda: engine.fit_markov(engine.TransitionCounts.of(made, order), replicates=0))
    size = f"{len(made.offsets) - 1:,} journeys"
    return row(f"engine: markov({order}), {what}, {size}", round(taken, 3), "s", asked, f"exact, {_NOTE}")


def _values() -> list[Row]:
    made = paths(_JOURNEYS, 12)
    taken = _median(lambda: engine.fit_shapley(engine.CoalitionCounts.of(made), replicates=0))
    return [row("engine: shapley, 12 channels, 1,000,000 journeys", round(taken, 3), "s", "< 0.4", f"exact, {_NOTE}")]


def _updates() -> list[Row]:
    """Time what 1 % new people cost, against everybody; the tests see that the bits are the same."""
    old, new = paths(_JOURNEYS, 12, engine.GROUPS), paths(_JOURNEYS // 100, 12, engine.GROUPS)
    counted: tuple[tuple[str, Callable[[engine.PathArrays], Any]], ...] = (
        *((f"markov({order})", partial(engine.TransitionCounts.of, order=order)) for order in (1, 2)),
        ("shapley", engine.CoalitionCounts.of),
    )
    rows = []
    for name, count in counted:
        before = count(old)
        whole = _processor_median(lambda count=count: count(old))  # type: ignore[misc]
        part = _processor_median(lambda count=count, before=before: before.merged(count(new)))  # type: ignore[misc]
        share = f"{100 * part / whole:.1f} % of a full count, processor time, in {engine.GROUPS} groups of people"
        rows.append(row(f"engine: 1 % new journeys for {name}", round(1000 * part, 2), "ms", "< 5 %", share))
    return rows


def _wide() -> list[Row]:
    few, many = paths(100_000, 50), paths(_JOURNEYS, 50)
    return [_chain("50 channels", many, 2, "< 0.4"), _chain("50 channels", few, 3, "< 1.5")]


def _causes() -> list[Row]:
    made = simulate(replace(WORLDS[0], people=100_000), 1).histories

    def fit() -> engine.Fit:
        blocks = [engine.feature_block(made, family) for family in ("time", "visit")]
        return engine.fit_incremental(blocks)

    taken = _median(fit)
    note = f"both families, 200 replicates, {len(made.converted_at):,} conversions, {_NOTE}"
    return [row("engine: incremental, 100,000 people", round(taken, 2), "s", "< 60", note)]


def _median(work: Callable[[], object]) -> float:
    return seconds_of(work, times=3)[0]


def _peer(work: Callable[..., object]) -> float:
    module = peers.channel_attribution()
    with contextlib.redirect_stdout(io.StringIO()):
        return seconds_of(lambda: work(module), times=1)[0]
