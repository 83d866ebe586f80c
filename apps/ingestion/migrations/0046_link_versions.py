"""What links said before they were changed."""

import apps.ingestion.models
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ingestion', '0045_payloads'),
        ('orgs', '0013_support'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='link',
            name='version',
            field=models.PositiveIntegerField(default=1, verbose_name='version'),
        ),
        migrations.CreateModel(
            name='LinkVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('destination', models.CharField(max_length=2000, validators=[apps.ingestion.models.validate_destination], verbose_name='destination')),
                ('source', models.CharField(max_length=120, verbose_name='source')),
                ('medium', models.CharField(blank=True, max_length=120, verbose_name='medium')),
                ('campaign', models.CharField(blank=True, max_length=120, verbose_name='campaign')),
                ('term', models.CharField(blank=True, max_length=120, verbose_name='term')),
                ('content', models.CharField(blank=True, max_length=120, verbose_name='content')),
                ('ios_destination', models.CharField(blank=True, max_length=2000, validators=[apps.ingestion.models.validate_destination], verbose_name='destination on iOS')),
                ('android_destination', models.CharField(blank=True, max_length=2000, validators=[apps.ingestion.models.validate_destination], verbose_name='destination on Android')),
                ('deep_link', models.CharField(blank=True, max_length=2000, validators=[apps.ingestion.models.validate_deep_link], verbose_name='place in the app')),
                ('is_active', models.BooleanField(default=True, verbose_name='counts and redirects')),
                ('version', models.PositiveIntegerField(verbose_name='version')),
                ('made_at', models.DateTimeField()),
                ('link', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='ingestion.link')),
                ('made_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('property', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='orgs.property')),
            ],
            options={
                'verbose_name': 'version of a link',
                'verbose_name_plural': 'versions of links',
                'ordering': ['-version'],
                'constraints': [models.UniqueConstraint(fields=('link', 'version'), name='ingestion_one_link_version')],
            },
        ),
    ]
