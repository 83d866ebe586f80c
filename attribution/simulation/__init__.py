"""Worlds whose causes are known: journeys to try methods on, with what each channel truly caused."""

from attribution.simulation.truth import Simulated, simulate
from attribution.simulation.worlds import WORLDS, Source, World

__all__ = ["WORLDS", "Simulated", "Source", "World", "simulate"]
