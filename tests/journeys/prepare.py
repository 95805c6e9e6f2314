"""Fills the journey's database: reference data, demo staff and partners, one API client per partner. No reports."""

import sys

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.utils import timezone  # noqa: E402
from oauth2_provider.models import AbstractApplication  # noqa: E402

from cases.models import PartnerClient, PartnerOrganisation  # noqa: E402
from seeds.demo import make_demo  # noqa: E402
from seeds.demo.partners import SCOPES, make_partners  # noqa: E402
from seeds.demo.people import make_staff  # noqa: E402
from seeds.reference import load_reference  # noqa: E402

from .prepare_names import secret_of  # noqa: E402

SHOWN = 60  # varied reports: enough for pictures


def main() -> None:
    call_command("migrate", interactive=False, verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=["rest_framework", "oauth2_provider"])
    load_reference()
    now = timezone.now()
    if "--reports" in sys.argv:
        make_demo(now=now, varied=SHOWN)
    else:
        make_staff(now=now)
        make_partners(now=now)
    for partner in PartnerOrganisation.objects.all():
        PartnerClient.objects.create(
            partner=partner,
            name="journey",
            client_id=f"journey-{partner.slug}",
            client_secret=secret_of(partner.slug),
            client_type=AbstractApplication.CLIENT_CONFIDENTIAL,
            authorization_grant_type=AbstractApplication.GRANT_CLIENT_CREDENTIALS,
            scopes=SCOPES,
        )


if __name__ == "__main__":
    main()
