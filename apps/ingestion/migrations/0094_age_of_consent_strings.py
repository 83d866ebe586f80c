"""A property says for how long an agreement in a TCF string counts (ADR 0110)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ingestion", "0090_positions_of_ends")]

    operations = [
        migrations.AddField(
            model_name="consentversion",
            name="tcf_months",
            field=models.PositiveSmallIntegerField(
                verbose_name="months for which a consent string agrees",
                default=13,
                db_default=13,
                help_text="0 for ever",
            ),
        ),
    ]
