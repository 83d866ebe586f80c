"""What must be deleted with a property beside its rows: whoever keeps something of it says how it ends."""

from collections.abc import Callable

Ending = Callable[[int], None]
_endings: list[Ending] = []


def register(ending: Ending) -> None:
    """Have *ending* called with the id of each property that is deleted for good."""
    _endings.append(ending)


def end_property(property_id: int) -> None:
    """Delete what others keep of a property."""
    for ending in _endings:
        ending(property_id)
