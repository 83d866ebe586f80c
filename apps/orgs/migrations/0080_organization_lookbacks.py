"""An organization says how long touchpoints count, for its properties that do not say it themselves (ADR 0097)."""

import datetime

import django.core.validators
from django.db import migrations, models

_HOUR, _DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)


def _lookback(name: str, most: datetime.timedelta) -> models.DurationField:
    validators = [django.core.validators.MinValueValidator(_HOUR), django.core.validators.MaxValueValidator(most)]
    return models.DurationField(blank=True, null=True, validators=validators, verbose_name=name)


class Migration(migrations.Migration):
    dependencies = [("orgs", "0065_public_keys")]

    operations = [
        migrations.AddField("organization", "click_lookback", _lookback("click lookback", 90 * _DAY)),
        migrations.AddField("organization", "view_lookback", _lookback("view lookback", 7 * _DAY)),
        migrations.AlterField("propertysettings", "click_lookback", _lookback("click lookback", 90 * _DAY)),
        migrations.AlterField("propertysettings", "view_lookback", _lookback("view lookback", 7 * _DAY)),
    ]
