"""What `make run` prints when the site is up: who goes where, and what to try."""

from cases.models import User
from intake.references import group_code
from seeds.demo.build import demo_code
from seeds.demo.partners import CLIENT_ID, demo_secret

CARD = """
┌─ Körpü is running ─────────────────────────────────────────────────────────────
│  Report a problem     {address}/az/   ·  /ru/  ·  /en/
│  Your page            {address}/en/page/   with the code  {code}
│  Console              {address}/demo/   one click for each of {people} demo people
│  Sent messages        {address}/demo/sent/   mails and webhooks the workers sent
│  Partner API          {address}/api/docs/   or, as it stands:
└────────────────────────────────────────────────────────────────────────────────
{curl}

  Stop: Ctrl-C.   Start anew: make fresh && make run.   Everything here is invented.
"""


def card(address: str) -> str:
    return CARD.format(
        address=address,
        code=group_code(demo_code()),
        people=User.objects.filter(is_demo=True).count(),
        curl=curl_line(address),
    )


def curl_line(address: str) -> str:
    """One line that takes a token and fetches the assigned cases of the demo partner."""
    token = (
        f"curl -s -u {CLIENT_ID}:{demo_secret('client')} -d grant_type=client_credentials {address}/oauth/token/"
        ' | sed \'s/.*"access_token": *"\\([^"]*\\)".*/\\1/\''
    )
    return f'curl -s -H "Authorization: Bearer $({token})" {address}/api/v1/cases/'
