"""A discard can be taken back."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("quality", "0080_breaches")]

    operations = [
        migrations.AlterField(
            model_name="release",
            name="kind",
            field=models.CharField(
                choices=[("replay", "Replay"), ("discard", "Discard"), ("restore", "Take back")],
                max_length=10,
                verbose_name="kind",
            ),
        )
    ]
