"""The console's addresses. No personal data stands in them."""

from django.urls import path

from cases.web.views import (
    access_records,
    accounts,
    case_actions,
    case_file,
    deliveries,
    duty,
    figures,
    health,
    home,
    partners,
    queue,
)

app_name = "console"
_CASE = "cases/<str:reference>/"
urlpatterns = [
    path("", home.home, name="home"),
    path("language/", home.language, name="language"),
    path("queue/", queue.queue, name="queue"),
    path("queue/next/", queue.take_the_next, name="take_next"),
    path(_CASE, case_file.case_file, name="case"),
    path(f"{_CASE}personal/", case_file.personal, name="personal"),
    path(f"{_CASE}triage/", case_actions.triage, name="triage"),
    path(f"{_CASE}take/", case_actions.take, name="take"),
    path(f"{_CASE}offer/", case_actions.offer, name="offer"),
    path(f"{_CASE}propose/", case_actions.propose_again, name="propose"),
    path(f"{_CASE}note/", case_actions.note, name="note"),
    path("partners/", partners.partners, name="partners"),
    path("partners/agreements/", partners.agreements, name="agreements"),
    path("partners/<slug:slug>/", partners.partner, name="partner"),
    path("partners/<slug:slug>/clients/", partners.create, name="create_client"),
    path("partners/<slug:slug>/clients/<int:client_id>/revoke/", partners.revoke, name="revoke_client"),
    path("deliveries/", deliveries.deliveries, name="deliveries"),
    path("deliveries/<uuid:message_id>/again/", deliveries.send_again, name="replay"),
    path("duty/", duty.duty, name="duty"),
    path("duty/add/", duty.add, name="add_shift"),
    path("duty/<int:shift_id>/remove/", duty.remove, name="remove_shift"),
    path("figures/", figures.figures, name="figures"),
    path("health/", health.page_of_health, name="health"),
    path("accounts/", accounts.accounts, name="accounts"),
    path("accounts/add/", accounts.add, name="add_account"),
    path("accounts/<uuid:user_id>/link/", accounts.link, name="account_link"),
    path("accounts/<uuid:user_id>/disable/", accounts.disable, name="disable_account"),
    path("accounts/<uuid:user_id>/enable/", accounts.enable, name="enable_account"),
    path("access/", access_records.access_records, name="access"),
]
