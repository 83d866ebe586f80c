"""Methods that give everything to one touchpoint."""

from attribution.spec import NON_DIRECT, PAID_CLICK, MethodSpec, Shares


def last_touch() -> MethodSpec:
    """Return the method that credits the last touchpoint, direct or not."""
    return MethodSpec("last_touch", Shares(last=1.0))


def first_touch() -> MethodSpec:
    """Return the method that credits the first touchpoint inside the lookback."""
    return MethodSpec("first_touch", Shares(first=1.0))


def last_non_direct() -> MethodSpec:
    """Return the method that credits the last touchpoint that is not direct, else the last."""
    return MethodSpec("last_non_direct", Shares(last=1.0), prefers=(NON_DIRECT,))


def last_paid_click() -> MethodSpec:
    """Return the method that credits the last paid click, else the last that is not direct, else the last."""
    return MethodSpec("last_paid_click", Shares(last=1.0), prefers=(PAID_CLICK, NON_DIRECT))
