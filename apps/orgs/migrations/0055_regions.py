"""The region of a property and of an organization's new ones; a property's is given once and then stays."""

from django.db import migrations, models

_KEEP = """
CREATE FUNCTION orgs_keep_region() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.region <> '' AND NEW.region IS DISTINCT FROM OLD.region THEN
        RAISE EXCEPTION 'The region of a property is not changed in place: its events would stay where they are.'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_region BEFORE UPDATE ON orgs_property FOR EACH ROW EXECUTE FUNCTION orgs_keep_region();
"""
_LET_GO = "DROP TRIGGER keep_region ON orgs_property; DROP FUNCTION orgs_keep_region();"


class Migration(migrations.Migration):
    dependencies = [("orgs", "0013_support")]

    operations = [
        migrations.AddField(
            "organization",
            "region",
            models.CharField(blank=True, default="", max_length=40, verbose_name="region of new properties"),
        ),
        migrations.AddField(
            "property",
            "region",
            models.CharField(blank=True, default="", editable=False, max_length=40, verbose_name="region"),
        ),
        migrations.RunSQL(_KEEP, _LET_GO),
    ]
