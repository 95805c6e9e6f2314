"""Django's admin for reference data only, for administrators only. No case, report, person or account is in it."""

from allauth.account.decorators import secure_admin_login
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest

from cases.admin.base import CalendarAdmin, ReferenceAdmin, may_edit
from cases.admin.categories import CategoryAdmin
from cases.admin.clocks import ClockSettingAdmin, HolidayAdmin, LimitAdmin, TimingRuleAdmin, WorkingHoursAdmin
from cases.admin.consent_texts import ConsentTextAdmin
from cases.admin.question_sets import QuestionSetAdmin
from cases.models import (
    AgreementNotice,
    ApprovalPeriod,
    ClockSetting,
    ClosingPolicy,
    Holiday,
    JobRule,
    Limit,
    LinkRule,
    LostContactRule,
    ReviewClock,
    RoutingPolicy,
    TimingRule,
    UrgencyRule,
    WorkingHours,
)
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
    RetentionRule,
)


class RoutingPolicyAdmin(ReferenceAdmin):
    places_cases = True


def _may_enter(request: HttpRequest) -> bool:
    if not may_edit(request):
        return False
    return not settings.SECOND_FACTOR_REQUIRED or is_mfa_enabled(request.user, [Authenticator.Type.TOTP])


admin.site.has_permission = _may_enter  # type: ignore[method-assign]
# The admin's own sign-in knows no second factor.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
for model in (
    ApprovalPeriod,
    ClosingPolicy,
    Country,
    Direction,
    EmergencyNumber,
    JobRule,
    Language,
    LinkRule,
    LostContactRule,
    ProblemSubcode,
    Region,
    RetentionRule,
    ReviewClock,
    UrgencyRule,
):
    admin.site.register(model, ReferenceAdmin)
admin.site.register(ProblemCategory, CategoryAdmin)
admin.site.register(QuestionSet, QuestionSetAdmin)
admin.site.register(ConsentText, ConsentTextAdmin)
admin.site.register(AgreementNotice, CalendarAdmin)
admin.site.register(ClockSetting, ClockSettingAdmin)
admin.site.register(RoutingPolicy, RoutingPolicyAdmin)
admin.site.register(Limit, LimitAdmin)
admin.site.register(TimingRule, TimingRuleAdmin)
admin.site.register(WorkingHours, WorkingHoursAdmin)
admin.site.register(Holiday, HolidayAdmin)
