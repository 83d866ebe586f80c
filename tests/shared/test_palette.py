"""The series colours keep what tokens.css says of them: contrast, and distance for every kind of sight."""

import itertools
import re
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

TOKENS = Path("static/css/tokens.css").read_text(encoding="utf-8")
OKLCH = r"oklch\(([\d.]+) ([\d.]+) ([\d.]+)\)"
THEMES = ("light", "dark")

# What protanopes, deuteranopes and tritanopes see of linear RGB (Machado, Oliveira and Fernandes, 2009).
SIGHTS = {
    "everyone": np.eye(3),
    "protanopia": np.array([[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]]),
    "deuteranopia": np.array([[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]]),
    "tritanopia": np.array([[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]]),
}
LMS_TO_RGB = np.array(
    [[4.0767417, -3.3077116, 0.2309699], [-1.2684380, 2.6097574, -0.3413194], [-0.0041961, -0.7034186, 1.7076147]]
)
LAB_TO_LMS = np.array([[1, 0.3963378, 0.2158038], [1, -0.1055613, -0.0638542], [1, -0.0894842, -1.2914855]])


def token(name: str, theme: str) -> NDArray[np.float64]:
    """Return a token's colour as OKLab."""
    match = re.search(rf"--{name}: light-dark\({OKLCH}, {OKLCH}\)", TOKENS)
    assert match, name
    first = 1 if theme == "light" else 4
    lightness, chroma, hue = (float(match[first + place]) for place in range(3))
    return np.array([lightness, chroma * np.cos(np.radians(hue)), chroma * np.sin(np.radians(hue))])


def linear(lab: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return an OKLab colour as linear RGB."""
    return np.asarray(LMS_TO_RGB @ (LAB_TO_LMS @ lab) ** 3)


def oklab(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a linear RGB colour as OKLab."""
    return np.asarray(np.linalg.inv(LAB_TO_LMS) @ np.cbrt(np.linalg.inv(LMS_TO_RGB) @ np.clip(rgb, 0, 1)))


def contrast(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Return the contrast of two OKLab colours as WCAG counts it."""
    low, high = sorted(float(linear(colour) @ [0.2126, 0.7152, 0.0722]) for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


def series(theme: str) -> list[NDArray[np.float64]]:
    """Return the twelve colours."""
    return [token(f"chart-{number}", theme) for number in range(1, 13)]


@pytest.mark.parametrize("theme", THEMES)
def test_series_on_their_surface_keep_three_to_one(theme: str) -> None:
    surface = token("surface", theme)

    ratios = [contrast(colour, surface) for colour in series(theme)]

    assert min(ratios) >= 3


@pytest.mark.parametrize("theme", THEMES)
def test_series_are_colours_a_screen_can_show(theme: str) -> None:
    colours = np.array([linear(colour) for colour in series(theme)])

    assert colours.min() >= -0.003
    assert colours.max() <= 1.003


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("sight", SIGHTS)
def test_series_stay_apart_for_every_sight(theme: str, sight: str) -> None:
    seen = [oklab(SIGHTS[sight] @ linear(colour)) for colour in series(theme)]

    every = [float(np.linalg.norm(one - other)) for one, other in itertools.combinations(seen, 2)]
    neighbours = [float(np.linalg.norm(one - other)) for one, other in itertools.pairwise(seen)]

    assert min(every) > 0.055
    assert min(neighbours) > 0.095


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("surface", ["page", "surface", "surface-muted", "surface-hover", "surface-raised"])
def test_text_on_any_surface_keeps_four_and_a_half(theme: str, surface: str) -> None:
    names = ("text", "text-strong", "text-muted", "accent-text", "good", "warn", "bad")

    ratios = {name: contrast(token(name, theme), token(surface, theme)) for name in names}

    assert {name for name, ratio in ratios.items() if ratio < 4.5} == set()


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("tone", ["good", "warn", "bad"])
def test_tone_on_its_soft_surface_keeps_four_and_a_half(theme: str, tone: str) -> None:
    ratio = contrast(token(tone, theme), token(f"{tone}-soft", theme))

    assert ratio >= 4.5
