from django.db import migrations, models

from cases.models.append_only import install, remove

# Written out: a table that is guarded one day does not exist yet when a new database comes past here.
TABLES = ("cases_timelineevent", "cases_timelineanchor")


def guard(apps, schema_editor):
    install(schema_editor.connection, TABLES)


def unguard(apps, schema_editor):
    remove(schema_editor.connection, TABLES)


class Migration(migrations.Migration):
    dependencies = [
        ('cases', '0010_links'),
    ]

    operations = [
        migrations.CreateModel(
            name="TimelineAnchor",
            fields=[
                ("day", models.DateField(primary_key=True, serialize=False)),
                ("made_at", models.DateTimeField()),
                ("last_event_id", models.BigIntegerField()),
                ("cases", models.PositiveBigIntegerField()),
                ("events", models.PositiveBigIntegerField()),
                ("added_hash", models.BinaryField(max_length=32)),
                ("previous_hash", models.BinaryField(max_length=32)),
                ("hash", models.BinaryField(max_length=32)),
            ],
            options={
                "ordering": ["day"],
            },
        ),
        migrations.RunPython(guard, unguard),
    ]
