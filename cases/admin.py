"""Django's admin for reference data only, for administrators only. No case, report, person or account is in it."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest

from cases.models import ClockSetting, Holiday, RoutingPolicy, UrgencyRule, WorkingHours
from cases.permissions import may
from intake.models import (
    ConsentText,
    Country,
    Direction,
    EmergencyNumber,
    Language,
    ProblemCategory,
    ProblemSubcode,
    QuestionSet,
    Region,
)


class ReferenceAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows may be added and changed. They are never deleted: old reports still speak their codes."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return _may_edit(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _may_edit(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return _may_edit(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _may_edit(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Codes are never renamed."""
        return ("code",) if obj is not None and any(f.name == "code" for f in obj._meta.fields) else ()


class CalendarAdmin(ReferenceAdmin):
    """Holidays and hours may also go: nothing refers to them."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _may_edit(request)


def _may_edit(request: HttpRequest) -> bool:
    user: Any = request.user
    return bool(user.is_authenticated and may(user, "edit_reference"))


def _may_enter(request: HttpRequest) -> bool:
    return _may_edit(request) and (not settings.SECOND_FACTOR_REQUIRED or is_mfa_enabled(request.user))


admin.site.has_permission = _may_enter  # type: ignore[method-assign]
# The admin's own sign-in knows no second factor.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
for model in (
    ClockSetting,
    ConsentText,
    Country,
    Direction,
    EmergencyNumber,
    Language,
    ProblemCategory,
    ProblemSubcode,
    QuestionSet,
    Region,
    RoutingPolicy,
    UrgencyRule,
):
    admin.site.register(model, ReferenceAdmin)
admin.site.register([Holiday, WorkingHours], CalendarAdmin)
