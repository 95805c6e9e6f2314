"""The partner API's addresses: versions, schema, docs."""

from django.urls import include, path

urlpatterns = [
    path("v1/", include("cases.api.v1.urls")),
]
