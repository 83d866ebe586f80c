"""What people fill in about data quality."""

from apps.quality.forms.expectation import ExpectationForm
from apps.quality.forms.quarantine import DiscardForm, FixForm, SearchForm

__all__ = ["DiscardForm", "ExpectationForm", "FixForm", "SearchForm"]
