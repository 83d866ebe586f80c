"""Other engines, measured and compared beside ours where they are installed: `make peers` does that."""

import contextlib
import io
from collections.abc import Mapping
from importlib.util import find_spec
from itertools import pairwise
from typing import Any

import numpy as np

import attribution as engine

IS_INSTALLED = find_spec("ChannelAttribution") is not None


def channel_attribution() -> Any:
    """Return the module ChannelAttribution, whose import prints an advertisement."""
    with contextlib.redirect_stdout(io.StringIO()):
        import ChannelAttribution
    return ChannelAttribution


def frame(paths: engine.PathArrays) -> Any:
    """Return paths as the table that ChannelAttribution reads, without the empty ones."""
    import pandas as pd

    names = np.array([f"c{code}" for code in range(len(paths.channel_names))], dtype=object)
    touched = names[paths.channels].tolist()
    borders = paths.offsets.tolist()
    texts = [" > ".join(touched[begin:end]) for begin, end in pairwise(borders)]
    rows = pd.DataFrame({"path": texts, "conversions": paths.conversions, "value": paths.conversions * 1.0,
                         "nulls": paths.nulls})  # fmt: skip
    return rows[rows["path"] != ""]


def markov_conversions(paths: engine.PathArrays, order: int = 1, seed: int = 0) -> Mapping[str, float]:
    """Return the conversions that ChannelAttribution's simulated Markov chain gives each channel."""
    with contextlib.redirect_stdout(io.StringIO()):
        found = channel_attribution().markov_model(
            frame(paths), "path", "conversions", var_value="value", var_null="nulls", order=order, seed=seed + 1,
            verbose=False, flg_pro=False,
        )  # fmt: skip
    rows = zip(found["channel_name"], found["total_conversions"], strict=True)
    return {paths.channel_names[int(name[1:])]: float(given) for name, given in rows}


def matrix_effects(paths: engine.PathArrays, order: int) -> list[float]:
    """Return the removal effects that ChannelAttribution's own transition matrix defines, solved and not simulated."""
    found = channel_attribution().transition_matrix(
        frame(paths), "path", "conversions", "nulls", order=order, flg_pro=False
    )
    rows = found["transition_matrix"]
    ids = dict(zip(found["channels"]["channel_name"], found["channels"]["id_channel"].astype(str), strict=True))
    states = sorted({*rows["channel_from"], *rows["channel_to"]})
    places = {state: place for place, state in enumerate(states)}
    chain = np.zeros((len(states), len(states)))
    chain[rows["channel_from"].map(places), rows["channel_to"].map(places)] = rows["transition_probability"]

    def chance(removed: str) -> float:
        kept = np.array([removed not in state.split(" ") for state in states])
        system = np.eye(len(states)) - chain * kept[:, None] * kept[None, :]
        goal = chain[:, places["(conversion)"]] * kept
        return float(np.linalg.solve(system, goal)[places["(start)"]])

    whole = chance("")
    return [1 - chance(ids[f"c{code}"]) / whole for code in range(len(paths.channel_names))]
