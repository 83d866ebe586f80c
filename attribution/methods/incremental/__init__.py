"""incremental: conversions that would not have happened without the touchpoint, and the baseline apart."""

from attribution.methods.incremental.fitting import fit_incremental

__all__ = ["fit_incremental"]
