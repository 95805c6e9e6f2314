"""Settings of the partner API: the same in every place."""

from django.utils.translation import gettext_lazy as _

OAUTH2_PROVIDER_APPLICATION_MODEL = "cases.PartnerClient"
OAUTH2_PROVIDER = {
    "SCOPES": {
        "referrals:read": _("read referrals"),
        "referrals:answer": _("answer referrals"),
        "cases:read": _("read assigned cases"),
        "cases:write": _("write to assigned cases"),
        "webhooks:manage": _("manage webhooks"),
        "partner:manage": _("manage availability"),
        "reports:create": _("file reports"),
    },
    "SCOPES_BACKEND_CLASS": "cases.api.authentication.ClientScopes",
    "ACCESS_TOKEN_EXPIRE_SECONDS": 3600,
    "CLIENT_SECRET_HASHER": "fast_secret",
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
    "ALLOWED_GRANT_TYPES": ["client-credentials"],
}
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["cases.api.authentication.PartnerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["cases.api.authentication.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "cases.api.problems.exception_handler",
    "UNAUTHENTICATED_USER": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Körpü partner API",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": [],  # codes stay where they are used: shared enums would need invented names
}
