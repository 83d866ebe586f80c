"""Breaches and their readers, with row-level security and a record."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from apps.shared.recording import record_changes
from apps.shared.row_security import of_property, protect


class Migration(migrations.Migration):

    dependencies = [
        ('orgs', '0065_public_keys'),
        ('quality', '0002_rows'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Breach',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('begun_at', models.DateTimeField(verbose_name='begun')),
                ('measured', models.FloatField(blank=True, null=True, verbose_name='measured')),
                ('lowest', models.FloatField(blank=True, null=True, verbose_name='lowest')),
                ('highest', models.FloatField(blank=True, null=True, verbose_name='highest')),
                ('newest_at', models.DateTimeField(blank=True, null=True, verbose_name='newest event')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='ended')),
                ('end', models.CharField(blank=True, choices=[('met', 'As expected again'), ('withdrawn', 'Not expected any more')], max_length=10, verbose_name='why it ended')),
                ('is_begin_told', models.BooleanField(default=False)),
                ('is_end_told', models.BooleanField(default=False)),
                ('seen_at', models.DateTimeField(blank=True, null=True, verbose_name='seen')),
                ('expectation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='breaches', to='quality.expectation')),
                ('property', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='orgs.property')),
                ('seen_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'breach of what is expected',
                'verbose_name_plural': 'breaches of what is expected',
                'ordering': ['-begun_at', '-pk'],
                'indexes': [models.Index(fields=['property', '-begun_at'], name='quality_newest_breach')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('expectation',), name='quality_one_open_breach')],
            },
        ),
        migrations.CreateModel(
            name='BreachReader',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(max_length=10, verbose_name='language')),
                ('asked_at', models.DateTimeField(verbose_name='asked')),
                ('property', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='orgs.property')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'reader of breaches',
                'verbose_name_plural': 'readers of breaches',
                'ordering': ['asked_at', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('property', 'user'), name='quality_one_breach_reader')],
            },
        ),
        protect("quality_breach", of_property("quality_breach")),
        protect("quality_breachreader", of_property("quality_breachreader")),
        record_changes("quality_breachreader", "property"),
    ]
