"""Words of allauth's pages that our catalogues say otherwise: theirs name two things alike, or a thing unlike ours.

Nothing uses these: they stand here so that collecting words keeps them. Our catalogues come before allauth's.
"""

from django.utils.translation import gettext_lazy as _

REWORDED = (
    _("Authenticator secret"),  # in Russian called like the code that is asked for below it
    _("Enter your password:"),  # in Azerbaijani another word for "password" than everywhere else
)
