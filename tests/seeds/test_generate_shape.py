"""What is cast from a played life has the rows that the real actions left, and no row of the real one is overlooked."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models

from cases.actions.verify_timelines import Seen, broken_timelines
from cases.models import PartnerOrganisation
from intake.models import Report
from seeds.generate.acts import start_of
from seeds.generate.cast import Batch, Caster
from seeds.generate.network import FAMILY, make_network
from seeds.generate.open_lives import LIVES
from seeds.generate.record import Recorder
from seeds.generate.rows import rows_of
from seeds.generate.stage import Stage, set_up
from seeds.generate.store import write

UNTIL = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


@pytest.mark.django_db
@pytest.mark.usefixtures("reference")
@pytest.mark.parametrize("name", ["solved_with_words", "duplicate", "asked", "erased"])
def test_a_cast_case_has_the_rows_that_the_real_actions_left(name: str) -> None:
    """The same tables, as many rows, the same columns filled; and no row of the real case was overlooked."""
    life = next(life for life in LIVES if life.name == name)
    network = make_network(partners=FAMILY, now=UNTIL)
    with set_up(until=UNTIL) as stage:
        before = _counts()
        _play(stage, life)
        real = _shape(rows_of(stage.reports))
        added = {table: count - before[table] for table, count in _counts().items() if count != before[table]}
        assert added == {table: count for table, (count, _columns) in real.items()}, "a row that hangs on no report"
        mould = Recorder(stage, life).mould()
    assert Report.objects.count() == 0
    assert PartnerOrganisation.objects.count() == FAMILY
    batch = Batch()
    caster = Caster(network, seed=1, is_copied=connection.vendor == "postgresql")
    caster.cast(mould, 0, timedelta(days=7), Random(1), batch)
    write(batch)
    made = _shape(rows_of(list(Report.objects.values_list("pk", flat=True))))
    assert made == real
    assert list(broken_timelines(Seen())) == []


def _play(stage: Stage, life: Any) -> None:
    stage.begin(life.facts, "AZ", start_of(life, UNTIL))
    life.play(stage)


def _tables() -> list[type[models.Model]]:
    return [
        model
        for room in ("intake", "cases")
        for model in apps.get_app_config(room).get_models(include_auto_created=True)
    ]


def _counts() -> Counter[str]:
    return Counter({table._meta.db_table: table._base_manager.count() for table in _tables()})


def _shape(rows: dict[type[models.Model], list[models.Model]]) -> dict[str, tuple[int, Counter[str]]]:
    """By table how many rows, and by column in how many of them there is something. Feeds are numbered afterwards."""
    found = {}
    for table, some in rows.items():
        names = [field.attname for field in table._meta.concrete_fields if field.name != "number"]
        filled = Counter(name for row in some for name in names if getattr(row, name) not in (None, "", b""))
        found[table._meta.db_table] = (len(some), filled)
    return found
