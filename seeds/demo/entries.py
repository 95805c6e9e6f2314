"""Turns a demo row into the same ReportEntry that the form or the API would hand over."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from cases.models import PartnerOrganisation
from intake.actions.entry import ConsentEntry, ContactEntry, ReportEntry

HOW = {"web": "form", "phone": "verbal", "api": "api", "partner": "api"}


def entry_of(row: dict[str, Any], *, at: datetime, code: str | None, key: str, taken_by: UUID) -> ReportEntry:
    """`taken_by`: the caseworker at the telephone, for reports that came that way."""
    actor = row["alleged_actor"] or {"kind": "", "name": ""}
    bodies, names = _excluded(row["must_not_see"])
    channel = row.get("channel", "web")
    identity = dict(row["identity"] or {})
    if row["gender"]:
        identity["gender"] = row["gender"]
    return ReportEntry(
        channel=channel,
        source_ref=taken_by if channel == "phone" else None,
        language=row["language"],
        country=row["country"],
        region=row["region"],
        citizenship=row["citizenship"],
        category=row["category"],
        subcode=row["subcode"],
        about=row["about"],
        subject_unaware=row["subject_unaware"],
        age_band=row["age_band"],
        handler=row["handler"],
        actor_kind=actor["kind"],
        actor_name=actor["name"],
        answers={name: _moved(value, at) for name, value in row["answers"].items()},
        story=row["story"],
        identity=identity or None,
        must_not_see=tuple(bodies),
        must_not_see_text="\n".join(names),
        contact=ContactEntry(**{**row["contact"], "days": tuple(row["contact"]["days"])}) if row["contact"] else None,
        consent=ConsentEntry(
            share=row["consent"]["share"],
            cross_border=row["consent"]["cross_border"],
            groups=frozenset(row["consent"]["groups"]),
            text_version=1,
            how=HOW[channel],
            read_by_ref=taken_by if channel == "phone" else None,
        ),
        submission_key=key,
        code=code,
    )


def _moved(value: Any, at: datetime) -> Any:
    """`+6d` and `-1d` count from the day of the report."""
    if isinstance(value, str) and value[:1] in "+-" and value.endswith("d"):
        return (at + timedelta(days=int(value[:-1]))).date().isoformat()
    return value


def _excluded(names: list[str]) -> tuple[list[Any], list[str]]:
    """Slugs of partners become references to their bodies, other names stay words."""
    partners = dict(PartnerOrganisation.objects.filter(slug__in=names).values_list("slug", "body_id"))
    return [partners[name] for name in names if name in partners], [name for name in names if name not in partners]
