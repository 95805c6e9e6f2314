"""S3: what a person takes away is refused at the very next request, before anything was taken up."""

from datetime import datetime, timedelta

import pytest

from cases.disclosure import consented_view
from cases.models import Case, Referral
from intake.actions.change_consent import change_consent, stop_sharing
from intake.actions.correct_report import correct_report
from intake.actions.entry import ConsentEntry
from intake.actions.withdraw_report import withdraw_report
from tests.cases.arrange import opened, partner, referral

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
SOON = timedelta(seconds=1)


def assigned(now: datetime) -> tuple[Case, Referral]:
    case = opened(now, story="Canary-story", identity={"name": "Canary-name"})
    row = referral(case, partner("AZ"), now, "accepted")
    row.agreement_version.data_groups = ["identity", "contact", "story", "documents", "family"]
    row.agreement_version.save()
    return case, row


def seen(row: Referral, now: datetime) -> str:
    return str(consented_view(Referral.objects.get(pk=row.pk), now=now).view)


def test_a_group_that_was_unticked_is_gone(now: datetime) -> None:
    case, row = assigned(now)
    assert "Canary-story" in seen(row, now) and "Canary-name" in seen(row, now)
    given = ConsentEntry(share="any", cross_border="yes", groups=frozenset({"story"}), text_version=1)
    change_consent(report_id=case.report_id, consent=given, now=now + SOON)
    assert "Canary-story" in seen(row, now) and "Canary-name" not in seen(row, now)


def test_ask_me_first_shuts_it_until_the_answer(now: datetime) -> None:
    case, row = assigned(now)
    groups = frozenset({"story", "identity"})
    given = ConsentEntry(share="ask_first", cross_border="yes", groups=groups, text_version=1)
    change_consent(report_id=case.report_id, consent=given, now=now + SOON)
    assert "Canary" not in seen(row, now)


def test_stopped_and_taken_back_show_nothing(now: datetime) -> None:
    for act in (stop_sharing, withdraw_report):
        case, row = assigned(now)
        assert "Canary" in seen(row, now)
        act(report_id=case.report_id, now=now + SOON)
        assert "Canary" not in seen(row, now)


def test_what_was_added_is_shown_beside_and_what_was_taken_back_is_not(now: datetime) -> None:
    case, row = assigned(now)
    for part, content in (("story", "Canary-addition"), ("identity", None)):
        correct_report(report_id=case.report_id, part=part, content=content, submission_key="", now=now + SOON)
    assert "Canary-story" in seen(row, now) and "Canary-addition" in seen(row, now)
    assert "Canary-name" not in seen(row, now)
