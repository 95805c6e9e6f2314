"""Fills a bench database: tables, reference data, a duty rota, one API client; prints what the loader needs."""

import django

django.setup()

from datetime import timedelta  # noqa: E402

from django.core.management import call_command  # noqa: E402
from django.utils import timezone  # noqa: E402
from oauth2_provider.models import AbstractApplication  # noqa: E402

from cases.models import DutyShift, PartnerClient, PartnerOrganisation, User  # noqa: E402
from intake.models import Body  # noqa: E402
from seeds.reference import load_reference  # noqa: E402

SECRET = "bench-secret-" + "x" * 40


def main() -> None:
    call_command("migrate", interactive=False, verbosity=0)
    load_reference()
    now = timezone.now()
    for side in ("AZ", "RU"):
        user = User.objects.create_user(
            f"duty.{side.lower()}@example.org", name="Duty", side=side, roles=["caseworker"]
        )
        DutyShift.objects.create(
            side=side, user=user, starts_at=now - timedelta(days=1), ends_at=now + timedelta(days=9)
        )
    body = Body.objects.create(labels={"en": "Bench hotline"}, kind="partner", country_id="RU")
    partner = PartnerOrganisation.objects.create(
        body=body,
        slug="bench",
        side="AZ",
        country_id="RU",
        email="bench@example.org",
        capacity=5,
        timezone="Europe/Moscow",
    )
    PartnerClient.objects.create(
        partner=partner,
        name="bench",
        client_id="bench",
        client_secret=SECRET,
        client_type=AbstractApplication.CLIENT_CONFIDENTIAL,
        authorization_grant_type=AbstractApplication.GRANT_CLIENT_CREDENTIALS,
        scopes=["reports:create", "referrals:read", "cases:read"],
    )
    print("client=bench")
    print(f"secret={SECRET}")


if __name__ == "__main__":
    main()
