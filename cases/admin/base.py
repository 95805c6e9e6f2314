"""What every page of the admin has in common: who may edit, and that codes and rows stay."""

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from cases.actions.wake_unrouted import wake_for_settings
from cases.permissions import may
from cases.queries.remembered import forget_reference


def may_edit(request: HttpRequest) -> bool:
    user: Any = request.user
    return bool(user.is_authenticated and may(user, "edit_reference"))


class ReferenceAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows may be added and changed. They are never deleted: old reports still speak their codes."""

    places_cases = False  # what routing decides on: a change may find somebody for those who found nobody

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may_edit(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_edit(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may_edit(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_edit(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        self._changed()

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        self._changed()

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        super().delete_queryset(request, queryset)
        self._changed()

    def _changed(self) -> None:
        """The admin's own transaction is open: this process reads anew when it has ended."""
        transaction.on_commit(forget_reference)
        if self.places_cases:
            wake_for_settings(now=timezone.now())

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Codes are never renamed."""
        return ("code",) if obj is not None and any(f.name == "code" for f in obj._meta.fields) else ()


class CalendarAdmin(ReferenceAdmin):
    """Holidays and hours may also go: nothing refers to them."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_edit(request)
