"""How long clicks and views count, as a column of whoever may say it: a property, or its organization."""

from datetime import timedelta
from typing import Any, cast

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.functional import Promise

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# What holds where nobody says otherwise.
USUAL_CLICK_LOOKBACK, USUAL_VIEW_LOOKBACK = 30 * DAY, DAY


def lookback_field(name: Promise, most: timedelta) -> "models.DurationField[Any, Any]":
    """Return a column that is empty where the next wider level says it."""
    validators = [MinValueValidator(HOUR), MaxValueValidator(most)]
    return models.DurationField(cast("str", name), null=True, blank=True, validators=validators)
