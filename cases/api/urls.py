"""The partner API's addresses: versions, schema, docs."""

from django.urls import include, path, re_path

from cases.api.docs import OpenApi, docs
from cases.api.missing import Missing

urlpatterns = [
    path("v1/openapi.json", OpenApi.as_view(), name="api_schema"),
    path("v1/", include("cases.api.v1.urls")),
    path("docs/", docs, name="api_docs"),
    re_path("", Missing.as_view()),
]
