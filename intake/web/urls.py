"""The public addresses. No case word stands in them."""

from django.urls import path, register_converter

from .door import LANGUAGES
from .views import first, leave, page, send, step


class LanguageConverter:
    regex = "|".join(LANGUAGES)

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(LanguageConverter, "language")

app_name = "intake"
urlpatterns = [
    path("", first.root, name="root"),
    path("<language:language>/", first.first, name="first"),
    path("<language:language>/p/<int:number>/", step.step, name="step"),
    path("<language:language>/check/", send.check, name="check"),
    path("<language:language>/code/", send.code, name="code"),
    path("<language:language>/sent/", send.sent, name="sent"),
    path("<language:language>/page/", page.page, name="page"),
    path("<language:language>/page/stop/", page.stop, name="stop"),
    path("<language:language>/page/answer/<uuid:request_id>/", page.answer, name="answer"),
    path("<language:language>/page/close/", page.close, name="close"),
    path("<language:language>/leave/", leave.leave, name="leave"),
]
