"""Who gets in: password, second factor, languages, the one click of the demo, and what the demo shows of sent mail."""

import base64
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.totp.internal.auth import TOTP
from django import forms
from django.http import Http404
from django.template.loader import render_to_string
from django.test import Client, RequestFactory

from cases.models import User
from cases.web.access import AccountAdapter
from cases.web.inbox import sent_messages
from cases.web.views import demo
from tests.cases.arrange import staff
from tests.cases.web.conftest import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


def test_a_password_lets_in_and_a_wrong_one_does_not() -> None:
    User.objects.create_user("a@example.org", "correct horse battery", name="A", side="AZ", roles=["caseworker"])
    client = Client()
    wrong = client.post("/account/login/", {"login": "a@example.org", "password": "wrong"})
    assert wrong.status_code == 200
    assert b"alert" in wrong.content
    right = client.post("/account/login/", {"login": "A@example.org", "password": "correct horse battery"})
    assert right.headers["Location"] == "/console/"


def test_without_a_second_factor_there_is_only_its_page(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    answer = signed_in(staff()).get("/console/queue/")
    assert answer.headers["Location"] == "/account/2fa/totp/activate/"


def test_the_field_for_the_code_of_the_second_factor_looks_like_every_other() -> None:
    class CodeForm(forms.Form):
        """As allauth hands it over: nothing of it is ours."""

        code = forms.CharField(widget=forms.TextInput(attrs={"autocomplete": "one-time-code"}))

    page = render_to_string("allauth/elements/fields.html", {"attrs": {"form": CodeForm()}})
    field = page[page.index('name="code"') - 50 : page.index('name="code"') + 200]
    assert 'class="form-control"' in field and "one-time-code" in field


def test_the_admins_own_sign_in_is_no_way_round_the_second_factor() -> None:
    User.objects.create_user("a@example.org", "correct horse battery", name="A", side="AZ", roles=["administrator"])
    client = Client()
    given = {"username": "a@example.org", "password": "correct horse battery"}
    answer = client.post("/admin/login/?next=/admin/", given)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/account/login/")
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("role", ["caseworker", "partner_coordinator", "auditor"])
def test_each_role_begins_on_its_own_page(role: str) -> None:
    places = {"caseworker": "queue", "partner_coordinator": "partners", "auditor": "access"}
    assert signed_in(staff(role)).get("/console/").headers["Location"] == f"/console/{places[role]}/"


@pytest.mark.parametrize(
    ("language", "word"), [("az", "Növbətini götür"), ("ru", "Взять следующее"), ("en", "Take the next one")]
)
def test_pages_speak_the_language_of_the_account_until_another_is_chosen(language: str, word: str) -> None:
    client = signed_in(staff(language=language))
    answer = client.get("/console/queue/")
    assert word in answer.content.decode()
    assert answer.headers["Content-Language"] == language
    client.post("/console/language/", {"language": "ru", "next": "/console/queue/"})
    assert "Взять следующее" in client.get("/console/queue/").content.decode()


NOT_OURS = (
    "/account/2fa/",
    "/account/2fa/totp/activate/",
    "/account/reauthenticate/",
    "/account/password/change/",
    "/admin/",
)


@pytest.mark.parametrize("language", ["az", "ru", "en"])
def test_pages_that_are_not_ours_and_error_pages_speak_it_too(language: str) -> None:
    """The browser asks for another language, as one lent by a colleague does."""
    words = {"az": "Belə səhifə yoxdur.", "ru": "Такой страницы нет.", "en": "This page does not exist."}
    browser = {"accept-language": "en" if language == "ru" else "ru"}
    client = signed_in(staff("administrator", language=language))
    for place in NOT_OURS:
        answer = client.get(place, headers=browser, follow=True)
        assert answer.status_code == 200, place
        assert f'lang="{language}"' in answer.content.decode(), place
        assert answer.headers["Content-Language"] == language, place
    for place in ("/console/nowhere/", "/console/cases/NOCASE/", "/account/nowhere/"):
        answer = client.get(place, headers=browser)
        assert answer.status_code in {403, 404} and f'lang="{language}"' in answer.content.decode(), place
    assert words[language] in client.get("/console/nowhere/", headers=browser).content.decode()


def test_who_confirms_the_password_again_reads_it_in_the_language_of_the_account() -> None:
    client = signed_in(staff(language="az"))
    page = client.get("/account/reauthenticate/", headers={"accept-language": "ru"}).content.decode()
    assert "Girişi Təsdiqlə" in page and "Пароль" not in page and "Confirm" not in page


@pytest.mark.parametrize(("language", "word"), [("az", "Gizli açar"), ("ru", "Секретный ключ")])
def test_the_secret_of_the_second_factor_is_not_called_like_its_code(language: str, word: str) -> None:
    given = {"login": "a@example.org", "password": "correct horse battery"}
    User.objects.create_user(
        given["login"], given["password"], name="A", side="AZ", roles=["caseworker"], language=language
    )
    client = Client()
    client.post("/account/login/", given)
    client.post("/account/reauthenticate/", {"password": given["password"]})
    assert client.get("/account/2fa/totp/activate/").content.decode().count(word) == 1


def test_who_has_no_password_is_not_asked_to_change_it() -> None:
    """Demo accounts have none; allauth would lead to a page that is not there, which was a fault of ours."""
    user = staff(is_demo=True)
    user.set_unusable_password()
    user.save()
    assert signed_in(user).get("/account/password/change/").status_code == 404


def test_the_secret_of_the_second_factor_lies_sealed() -> None:
    """Whoever takes the database cannot make anybody's codes."""
    secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    stored = TOTP.activate(staff(), secret).instance.data["secret"]
    assert secret not in stored and get_adapter().decrypt(stored) == secret


def test_nobody_signs_up() -> None:
    assert Client().get("/account/signup/").status_code == 404
    assert not AccountAdapter().is_open_for_signup(RequestFactory().get("/"))


def test_before_signing_in_the_browsers_language_counts() -> None:
    answer = Client().get("/account/login/", headers={"accept-language": "ru"})
    assert answer.headers["Content-Language"] == "ru" and '<html lang="ru">' in answer.content.decode()


@pytest.mark.parametrize("address", ["https://evil.example.org/", "//evil.example.org", "javascript:alert(1)", ""])
def test_choosing_a_language_leads_to_no_other_site(address: str) -> None:
    answer = Client().post("/console/language/", {"language": "xx", "next": address})
    assert answer.headers["Location"] == "/console/"
    assert "korpu_language" not in answer.cookies


def test_personal_pages_are_never_stored() -> None:
    assert signed_in(staff()).get("/console/queue/").headers["Cache-Control"] == "no-store"


def test_outside_the_demo_there_is_no_one_click(settings: Any) -> None:
    user = staff(is_demo=True)
    assert [Client().get(path).status_code for path in ("/demo/", "/demo/sent/")] == [404, 404]
    settings.DEMO = False
    for view, arguments in ((demo.people, {}), (demo.sent, {}), (demo.enter, {"user_id": user.pk})):
        method = "post" if view is demo.enter else "get"
        with pytest.raises(Http404):
            view(getattr(RequestFactory(), method)("/demo/"), **arguments)


def test_one_click_never_lets_a_real_person_in(settings: Any) -> None:
    settings.DEMO = True
    with pytest.raises(Http404):
        demo.enter(RequestFactory().post("/demo/enter/"), user_id=staff(is_demo=False).pk)


def test_one_click_lets_nobody_in_who_left(settings: Any) -> None:
    settings.DEMO = True
    with pytest.raises(Http404):
        demo.enter(RequestFactory().post("/demo/enter/"), user_id=staff(is_demo=True, is_active=False).pk)


def store(folder: Path, body: str, secret: bytes) -> None:
    signed = hmac.new(secret, f"id.1.{body}".encode(), hashlib.sha256).digest()
    headers = {
        "webhook-id": "id",
        "webhook-timestamp": "1",
        "Webhook-Signature": f"v1,{base64.b64encode(signed).decode()}",
    }
    (folder / "webhooks").mkdir(parents=True, exist_ok=True)
    (folder / "webhooks/1.json").write_text(json.dumps({"headers": headers, "body": body}))


def test_sent_messages_say_whether_their_signature_is_right(tmp_path: Path) -> None:
    secret = "whsec_" + base64.b64encode(b"k" * 32).decode()
    for key, said in ((b"k" * 32, "valid"), (b"x" * 32, "invalid")):
        store(tmp_path, '{"type":"x"}', key)
        assert [one.signature for one in sent_messages(tmp_path, [secret])] == [said]


def test_a_damaged_or_hostile_message_breaks_nothing(tmp_path: Path) -> None:
    (tmp_path / "mail").mkdir()
    (tmp_path / "webhooks").mkdir()
    (tmp_path / "mail/1.eml").write_bytes(b"Subject: <script>\xff\n\n<b>x</b>")
    (tmp_path / "mail/2.eml").write_bytes(b"\x00\xff" * 100)
    (tmp_path / "webhooks/1.json").write_text("{not json")
    (tmp_path / "webhooks/2.json").write_text("[]")
    found = sent_messages(tmp_path, [])
    assert any("<b>x</b>" in one.text for one in found)
    assert sent_messages(tmp_path / "nothing", []) == []
