"""Who is close to the alleged actor: names as the person typed them, which stay in memory, against those declared.

Whom the person once named counts also after it was said anew or taken back: fear takes names back, and a partner left
out by mistake costs one offer.
"""

from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from django.db.models import Exists, OuterRef

from cases.models import PartnerOrganisation
from cases.routing import names
from cases.routing.names import Words
from intake.models import Correction, Report, ReportKey
from intake.queries.words import actors_named

NAMED_ANEW = Exists(Correction.objects.filter(report=OuterRef("pk"), part=Correction.Part.ACTOR_NAME))
_NEEDED = ("erased_at", "actor_name", "must_not_see_text")


def names_given(report: Report, *, is_named_anew: bool) -> tuple[tuple[Words, ...], tuple[Words, ...]]:
    """Alleged actors, and bodies that must not see the report. `is_named_anew`: NAMED_ANEW of the report. One
    statement, one more for those; none when nobody is named. Raises ReportErased."""
    if not (report.actor_name or report.must_not_see_text or is_named_anew):
        return (), ()
    key = ReportKey.of(report.pk)
    actors = actors_named(report, key) if is_named_anew else [str(report.unseal(key, "actor_name") or "")]
    must_not_see = str(report.unseal(key, "must_not_see_text") or "")
    return tuple(word for actor in actors for word in names.several(actor)), names.several(must_not_see)


def close_partners(report_id: UUID, partner_ids: Collection[UUID]) -> set[UUID]:
    """Those of the partners that are, or have declared to be close to, somebody the person named. Three statements."""
    report = Report.objects.only(*_NEEDED).annotate(is_named_anew=NAMED_ANEW).get(pk=report_id)
    actors, _must_not_see = names_given(report, is_named_anew=report.is_named_anew)
    rows = PartnerOrganisation.objects.filter(pk__in=partner_ids).values_list("pk", "body__labels", "related_bodies")
    return {pk for pk, labels, related in rows if names.any_match(actors, declared_names(labels, related))}


def declared_names(labels: Mapping[str, str], related: Iterable[str]) -> tuple[Words, ...]:
    """Its own names, and those of the bodies that it has declared to be close to."""
    return tuple(names.declared(name) for name in (*labels.values(), *related) if name)
