"""The public addresses. No case word stands in them."""

from django.urls import path, register_converter

from .door import LANGUAGES
from .views import (
    consent,
    contact,
    copy,
    correct,
    files,
    first,
    later,
    leave,
    leave_acts,
    messages,
    page,
    pieces,
    seen,
    send,
    step,
)


class LanguageConverter:
    regex = "|".join(LANGUAGES)

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(LanguageConverter, "language")

app_name = "intake"
urlpatterns = [
    path("<language:language>/", first.first, name="first"),
    path("<language:language>/now/", first.now, name="now"),
    path("<language:language>/later/", later.later, name="later"),
    path("<language:language>/p/<int:number>/", step.step, name="step"),
    path("<language:language>/p/files/", files.draft_files, name="draft_files"),
    path("<language:language>/p/files/begin/", pieces.draft_begin, name="draft_file_begin"),
    path("<language:language>/p/files/piece/", pieces.draft_piece, name="draft_file_piece"),
    path("<language:language>/p/files/<uuid:file_id>/remove/", files.draft_remove, name="draft_file_remove"),
    path("<language:language>/check/", send.check, name="check"),
    path("<language:language>/code/", send.code, name="code"),
    path("<language:language>/sent/", send.sent, name="sent"),
    path("<language:language>/page/", page.page, name="page"),
    path("<language:language>/page/answer/<uuid:request_id>/", consent.answer, name="answer"),
    path("<language:language>/page/messages/", messages.messages, name="messages"),
    path("<language:language>/page/share/", consent.share, name="share"),
    path("<language:language>/page/share/other/", consent.share_other, name="share_other"),
    path("<language:language>/page/share/<uuid:body_id>/", consent.share_one, name="share_one"),
    path("<language:language>/page/stop/", consent.stop, name="stop"),
    path("<language:language>/page/contact/", contact.contact, name="contact"),
    path("<language:language>/page/contact/other/", contact.contact_other, name="contact_other"),
    path("<language:language>/page/contact/<slug:way>/", contact.contact_details, name="contact_details"),
    path(
        "<language:language>/page/contact/other/<slug:way>/",
        contact.contact_other_details,
        name="contact_other_details",
    ),
    path("<language:language>/page/add/", correct.add, name="add"),
    path("<language:language>/page/add/<int:number>/", correct.add_part, name="add_part"),
    path("<language:language>/page/add/q/<int:number>/", correct.add_answer, name="add_answer"),
    path("<language:language>/page/add/q/<int:number>/more/", correct.add_more, name="add_more"),
    path("<language:language>/page/seen/", seen.seen, name="seen"),
    path("<language:language>/page/say/", seen.complain, name="complain"),
    path("<language:language>/page/copy/", copy.copy, name="copy"),
    path("<language:language>/page/back/", leave_acts.withdraw, name="withdraw"),
    path("<language:language>/page/end/", leave_acts.erase, name="erase"),
    path("<language:language>/page/files/", files.page_files, name="page_files"),
    path("<language:language>/page/files/begin/", pieces.page_begin, name="page_file_begin"),
    path("<language:language>/page/files/piece/", pieces.page_piece, name="page_file_piece"),
    path("<language:language>/page/files/<uuid:file_id>/", files.page_file, name="page_file"),
    path("<language:language>/page/files/<uuid:file_id>/remove/", files.page_remove, name="page_file_remove"),
    path("<language:language>/page/close/", leave_acts.close, name="close"),
    path("<language:language>/leave/", leave.leave, name="leave"),
]
