"""The floor: one file of Django and REST framework that does only the raw work. Served by gunicorn beside Körpü."""

import os

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse

if not settings.configured:
    settings.configure(
        SECRET_KEY="floor-" + "x" * 44,
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF=__name__,
        INSTALLED_APPS=["tests.bench"],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": os.environ["FLOOR_DATABASE"],
                "HOST": os.environ["FLOOR_HOST"],
                "PORT": os.environ["FLOOR_PORT"],
                "USER": os.environ["FLOOR_USER"],
                "OPTIONS": {"pool": {"min_size": 1, "max_size": 8}},
            }
        },
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
        MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
        REST_FRAMEWORK={
            "DEFAULT_AUTHENTICATION_CLASSES": [],
            "DEFAULT_PERMISSION_CLASSES": [],
            "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
            "UNAUTHENTICATED_USER": None,
        },
    )
    django.setup()

from django.urls import path
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView


class Row(models.Model):
    kind = models.CharField(max_length=12)
    text = models.TextField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "bench"

    def __str__(self) -> str:
        return self.kind


class RowSerializer(serializers.ModelSerializer):
    class Meta:
        model = Row
        fields = ("id", "kind", "text", "at")


class Rows(APIView):
    def post(self, request: HttpRequest) -> Response:
        text = str(request.data.get("story", ""))
        with transaction.atomic():
            for kind in ("report", "case", "event", "message"):
                row = Row.objects.create(kind=kind, text=text)
        return Response({"id": row.pk}, status=201)

    def get(self, request: HttpRequest) -> Response:
        after = int(request.GET.get("after", 0))
        rows = Row.objects.filter(id__gt=after).order_by("id")[:100]
        return Response(RowSerializer(rows, many=True).data)


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("<!doctype html><title>floor</title><p>floor</p>")


urlpatterns = [path("rows/", Rows.as_view()), path("page/", page)]
application = get_wsgi_application()


def make_table() -> None:
    from django.db import connection

    with connection.schema_editor() as editor:
        editor.create_model(Row)
