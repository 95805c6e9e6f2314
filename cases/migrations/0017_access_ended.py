from django.db import migrations, models
from django.db.models import Exists, OuterRef, Subquery


def mark_those_told(apps, schema_editor):
    """The nightly worker does not look at them again. On a database of a million cases this takes about a minute."""
    told = apps.get_model("intake", "PartnerErasure").objects.filter(referral_ref=OuterRef("pk"))
    ended = apps.get_model("cases", "Referral").objects.filter(Exists(told), state="completed")
    ended.update(access_ended_at=Subquery(told.values("asked_at")[:1]))


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0016_open_cases'),
        ('intake', '0006_next_step'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='referral',
            name='referral_completed',
        ),
        migrations.AddField(
            model_name='referral',
            name='access_ended_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.RunPython(mark_those_told, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name='referral',
            index=models.Index(condition=models.Q(('access_ended_at__isnull', True), ('state', 'completed')), fields=['ended_at', 'id'], name='referral_access_ends'),
        ),
    ]
