"""The site, composed: the public pages, the console, the partner API, sign-in and, in the demo, its own pages."""

from allauth.account import views as account
from django.conf import settings
from django.contrib import admin
from django.urls import include, path, re_path

from cases.api import tokens
from cases.api import urls as api
from cases.web.access import of_those_with_a_password
from cases.web.language import CODES
from cases.web.views import demo, health
from intake.web.views.first import root

# Only what is used of allauth is mounted: no sign-up, no address management.
account_urls = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", of_those_with_a_password(account.password_change), name="account_change_password"),
    path("password/reset/", account.password_reset, name="account_reset_password"),
    path("password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    path(
        "password/reset/key/<str:uidb36>-<str:key>/",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("password/reset/key/done/", account.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    path("2fa/", include("allauth.mfa.urls")),
]

# A public address begins with its language. Looked for first, and nowhere else: most requests go there.
PUBLIC = rf"^(?=(?:{'|'.join(CODES)})/)"

urlpatterns = [
    re_path(PUBLIC, include("intake.web.urls")),
    path("healthz/", health.healthz, name="healthz"),
    path("account/", include(account_urls)),
    path("console/", include("cases.web.urls")),
    path("oauth/token/", tokens.TokenView.as_view(), name="oauth_token"),
    path("oauth/revoke/", tokens.RevokeTokenView.as_view(), name="oauth_revoke"),
    path("api/", include(api)),
    path("admin/", admin.site.urls),
]
if settings.DEMO:
    urlpatterns.append(path("demo/", include(demo.urlpatterns)))
urlpatterns.append(path("", root, name="root"))

handler400 = "cases.web.errors.bad_request"
handler403 = "cases.web.errors.forbidden"
handler404 = "cases.web.errors.not_found"
handler500 = "cases.web.errors.server_error"
