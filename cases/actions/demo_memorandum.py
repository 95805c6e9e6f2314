"""The demo's switch: how everything looks on the day after the memorandum has lapsed, and back again."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from cases.actions.check_agreement import Terms
from cases.actions.wake_unrouted import CHANGED, wake_unrouted_step
from cases.errors import NotFound
from cases.models import Agreement, AgreementVersion

_DAY = timedelta(days=1)


@transaction.atomic(durable=True)
def switch_memorandum(*, now: datetime) -> AgreementVersion:
    """The newest memorandum of the demo gets a version that ended yesterday; when it has, one with its former last day.

    As an amendment would, it only adds versions, and has unrouted cases tried again. Outside demo mode, and for
    anything that is not of the demo, there is nothing to switch: NotFound.
    """
    if not settings.DEMO:
        raise NotFound()
    found = Agreement.objects.filter(kind=Agreement.Kind.MEMORANDUM, is_demo=True).select_for_update(no_key=True)
    versions = AgreementVersion.objects.filter(agreement__in=list(found)).order_by("-valid_from", "-number")
    newest = versions.first()
    if newest is None:
        raise NotFound()
    yesterday = newest.local_day(now) - _DAY
    last_day = yesterday
    if newest.valid_until <= yesterday:
        before = newest.agreement.versions.filter(valid_until__gt=yesterday).order_by("-number").first()
        last_day = before.valid_until if before else yesterday + timedelta(days=365)
    columns = {**Terms.of(newest).columns(), "valid_until": last_day}
    made = AgreementVersion.objects.create(agreement=newest.agreement, number=newest.number + 1, **columns)
    wake_unrouted_step(None, now=now, limit=CHANGED)
    return made
