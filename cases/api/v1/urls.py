"""The addresses of API version 1."""

from django.urls import path

from cases.api.v1 import cases, changes, erasures, files, me, moves, reference, referrals, reports, root, webhooks

app_name = "api"
urlpatterns = [
    path("", root.ApiRoot.as_view(), name="root"),
    path("me/", me.Me.as_view(), name="me"),
    path("cases/", cases.CaseList.as_view(), name="cases"),
    path("cases/<str:reference>/", cases.SingleCase.as_view(), name="case"),
    path("cases/<str:reference>/files/", files.CaseFiles.as_view(), name="case-files"),
    path("cases/<str:reference>/files/<uuid:file_id>/content/", files.FileContent.as_view(), name="case-file"),
    path("referrals/", referrals.ReferralList.as_view(), name="referrals"),
    path("referrals/<uuid:referral_id>/", referrals.SingleReferral.as_view(), name="referral"),
    path("referrals/<uuid:referral_id>/accept/", referrals.AcceptReferral.as_view(), name="accept"),
    path("referrals/<uuid:referral_id>/decline/", referrals.DeclineReferral.as_view(), name="decline"),
    path("referrals/<uuid:referral_id>/contacted/", moves.ContactedReferral.as_view(), name="contacted"),
    path("referrals/<uuid:referral_id>/progress/", moves.ProgressReferral.as_view(), name="progress"),
    path("referrals/<uuid:referral_id>/complete/", moves.CompleteReferral.as_view(), name="complete"),
    path("referrals/<uuid:referral_id>/return/", moves.ReturnReferral.as_view(), name="return"),
    path("referrals/<uuid:referral_id>/erased/", erasures.ErasedReferral.as_view(), name="erased"),
    path("changes/", changes.Changes.as_view(), name="changes"),
    path("webhooks/", webhooks.Webhooks.as_view(), name="webhooks"),
    path("webhooks/<uuid:endpoint_id>/", webhooks.SingleWebhook.as_view(), name="webhook"),
    path("reference/categories/", reference.Categories.as_view(), name="categories"),
    path("reference/regions/", reference.Regions.as_view(), name="regions"),
    path("reference/languages/", reference.Languages.as_view(), name="languages"),
    path("reference/decline-reasons/", reference.DeclineReasons.as_view(), name="decline-reasons"),
    path("reference/outcomes/", reference.Outcomes.as_view(), name="outcomes"),
    path("reports/", reports.Reports.as_view(), name="reports"),
]
