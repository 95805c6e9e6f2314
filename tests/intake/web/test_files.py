"""Files at the public pages: the plain form, pieces, the list, opening and removing; and everything that is forged."""

import io
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from intake.actions.clean_file import clean_waiting
from intake.actions.erase_report import erase_report
from intake.actions.file_pieces import PIECE
from intake.models import Attachment, Report
from intake.web import cookies
from tests.intake.filing import found_in_store, lying, pieces
from tests.intake.uploads import samples

from .person import Person, text_of

pytestmark = pytest.mark.django_db
FILM = samples.mp4() + samples.box(b"free", bytes(PIECE))


@pytest.fixture
def at_page(reporting: Person) -> Person:
    """Has sent the report and opened the page."""
    reporting.send()
    code = reporting.code("sent/")
    reporting.client.cookies.clear()
    reporting.open_page(code)
    return reporting


def upload(content: bytes, name: str = "Canary-passport.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="text/html")


def add(person: Person, place: str = "p/files/", **fields: Any) -> HttpResponse:
    fields = {"document_file": upload(samples.photo()), **fields}
    return person.client.post(person.path(place), {"token": person.token(place), **fields, "end": "1"})


def examine() -> None:
    clean_waiting(now=timezone.now() + timedelta(seconds=1))


def test_a_photo_is_added_among_the_answers_and_goes_with_the_report(reporting: Person) -> None:
    answer = add(reporting)
    assert answer.status_code == 303
    assert answer.headers["Location"] == reporting.path(reporting.page_of("person"))
    assert "Canary-passport.jpg" in text_of(reporting.get("p/files/"))
    assert "Canary-passport.jpg" in text_of(reporting.get("check/"))
    report = reporting.send()
    assert Attachment.objects.get(report=report).kind == "photo"


def test_the_step_shows_at_its_own_number_too(reporting: Person) -> None:
    page = reporting.get(reporting.page_of("files"))
    assert page.status_code == 200 and 'enctype="multipart/form-data"' in page.content.decode()
    assert reporting.answer("files").status_code == 303


def test_a_voice_recording_is_the_story(reporting: Person) -> None:
    add(reporting, story_file=upload(samples.amr(), "rec.amr"), document_file=upload(samples.pdf(), "a.pdf"))
    assert set(Attachment.objects.values_list("use", "kind")) == {("story", "audio"), ("document", "pdf")}


def test_nothing_chosen_goes_on(reporting: Person) -> None:
    answer = add(reporting, document_file="")
    assert answer.status_code == 303 and not Attachment.objects.exists()


@pytest.mark.parametrize(("then", "place"), [("stay", "p/files/"), ("send", "code/")])
def test_the_other_buttons_do_what_they_say(reporting: Person, then: str, place: str) -> None:
    assert add(reporting, then=then).headers["Location"] == reporting.path(place)
    assert Attachment.objects.count() == 1


REFUSED = {
    "svg": (samples.svg_with_script(), "web pages"),
    "zip": (samples.zipped({"a": b""}), "packed files"),
    "exe": (b"MZ" + bytes(99), "program"),
    "old doc": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "Save it as PDF"),
    "empty": (b"", "empty"),
    "words": (b"only words", "cannot open files of this kind"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_taken_is_said_with_the_reason(reporting: Person, name: str) -> None:
    content, words = REFUSED[name]
    answer = add(reporting, document_file=upload(content, "Canary.jpg"))
    if not content:  # Django's client sends it as no file at all, as browsers do
        return
    assert answer.status_code == 422
    assert words in text_of(answer) and "Canary.jpg" in text_of(answer)
    assert not Attachment.objects.exists() and not lying()


def test_of_several_files_the_good_ones_are_kept(reporting: Person) -> None:
    files = [
        upload(samples.photo(), "one.jpg"),
        upload(samples.svg_with_script(), "two.jpg"),
        upload(samples.gif(), "3"),
    ]
    answer = add(reporting, document_file=files)
    assert answer.status_code == 422 and "two.jpg" in text_of(answer)
    assert set(Attachment.objects.values_list("kind", flat=True)) == {"photo"} and len(lying()) == 2


def test_a_file_that_is_too_large_is_refused_and_every_answer_stays(reporting: Person, settings: Any) -> None:
    settings.FILES_LIMIT_BYTES = 200_000
    reporting.answer("story", story="what I typed")
    answer = add(reporting, document_file=upload(samples.photo() + bytes(300_000)))
    assert answer.status_code == 422 and "too large" in text_of(answer) and not lying()
    assert "what I typed" in reporting.get(reporting.page_of("story")).content.decode()


def test_a_form_far_beyond_the_limit_is_not_even_read(reporting: Person, settings: Any) -> None:
    body = Unreadable()
    answer = reporting.client.generic(
        "POST",
        reporting.path("p/files/"),
        b"",
        content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(1 << 40),
        **{"wsgi.input": body},
    )
    assert answer.status_code == 422 and "too large" in text_of(answer) and not body.was_read


class Unreadable(io.BytesIO):
    was_read = False

    def read(self, *_size: int) -> bytes:
        self.was_read = True
        raise AssertionError


def multipart(token: str, content: bytes) -> bytes:
    head = '--x\r\nContent-Disposition: form-data; name="token"\r\n\r\n' + token + "\r\n"
    file = '--x\r\nContent-Disposition: form-data; name="document_file"; filename="a.jpg"\r\n\r\n'
    end = '\r\n--x\r\nContent-Disposition: form-data; name="end"\r\n\r\n1\r\n--x--\r\n'
    return head.encode() + file.encode() + content + end.encode()


@pytest.mark.parametrize("lost", [1, 40, 70, 90, 100, 200, 1000, 200_000])
def test_an_upload_that_is_cut_off_leaves_nothing_half(reporting: Person, lost: int) -> None:
    body = multipart(reporting.token("p/files/"), samples.photo() + bytes(300_000))
    answer = reporting.client.generic(
        "POST", reporting.path("p/files/"), body[:-lost], content_type="multipart/form-data; boundary=x"
    )
    if lost < 10:  # only the last line is missing
        assert answer.status_code in (303, 422)
        return
    assert answer.status_code == 422 and "broke off" in text_of(answer)
    assert not Attachment.objects.exists() and not lying()


@pytest.mark.parametrize("body", [b"", b"--x", b"nonsense", b"--x\r\n\r\n--x--", b"\xff" * 5000])
@pytest.mark.parametrize(
    "kind", ["multipart/form-data; boundary=x", "multipart/form-data", "text/plain", "multipart/x"]
)
def test_nonsense_is_answered_with_a_sentence(reporting: Person, body: bytes, kind: str) -> None:
    answer = reporting.client.generic("POST", reporting.path("p/files/"), body, content_type=kind)
    assert answer.status_code == 422 and "broke off" in text_of(answer)


def test_too_many_files_at_once_is_no_bare_400(reporting: Person) -> None:
    answer = add(reporting, document_file=[upload(samples.photo(), f"{n}.jpg") for n in range(105)])
    assert answer.status_code == 422 and not lying()


@pytest.mark.parametrize("token", ["", "forged", "x" * 5000])
def test_a_form_of_somebody_else_adds_nothing(reporting: Person, token: str) -> None:
    files = {"document_file": upload(samples.photo()), "token": token, "end": "1"}
    assert reporting.client.post(reporting.path("p/files/"), files).status_code == 403
    assert not Attachment.objects.exists() and not lying()


def test_without_a_cookie_nothing_is_read(person: Person) -> None:
    for place in (
        "p/files/",
        "page/files/",
        "p/files/begin/",
        "p/files/piece/",
        "page/files/begin/",
        "page/files/piece/",
    ):
        answer = Client().post(person.path(place), {"document_file": upload(samples.photo()), "end": "1"})
        assert answer.status_code == 303, place
    assert not lying()


def test_another_form_takes_no_file(reporting: Person) -> None:
    place = reporting.page_of("story")
    fields = {"token": reporting.token(place), "story": "words", "document_file": upload(samples.photo())}
    answer = reporting.client.post(reporting.path(place), fields)
    assert answer.status_code == 303 and not answer.wsgi_request.FILES and not lying()


# --- the page ---------------------------------------------------------------------------------------------------------


def test_a_file_is_added_on_the_page_checked_opened_and_removed(at_page: Person) -> None:
    assert add(at_page, "page/files/").headers["Location"].endswith("/page/files/?kept")
    assert "We are checking it" in text_of(at_page.get("page/files/"))
    row = Attachment.objects.get()
    assert at_page.get(f"page/files/{row.pk}/").status_code == 404, "nobody gets what was not cleaned"
    examine()
    assert "We have removed hidden data" in text_of(at_page.get("page/files/"))
    answer = at_page.get(f"page/files/{row.pk}/")
    content = b"".join(answer.streaming_content)
    assert content.startswith(b"\xff\xd8") and samples.CANARY.encode() not in content
    assert answer.headers["Content-Length"] == str(len(content))
    at_page.client.post(at_page.path(f"page/files/{row.pk}/remove/"), {"token": at_page.token("page/files/")})
    assert not Attachment.objects.exists()


def test_a_file_is_only_ever_served_to_be_saved(at_page: Person) -> None:
    add(at_page, "page/files/", document_file=upload(samples.gif_that_is_script(), "evil.html"))
    examine()
    row = Attachment.objects.get()
    answer = at_page.get(f"page/files/{row.pk}/")
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="file-{row.pk.hex[-6:]}.png"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["Cache-Control"] == "no-store"
    assert b"alert" not in b"".join(answer.streaming_content)


def test_a_file_that_was_refused_later_says_why(at_page: Person) -> None:
    add(at_page, "page/files/", document_file=upload(samples.pdf(password="x"), "a.pdf"))
    examine()
    assert "locked with a password" in text_of(at_page.get("page/files/"))


def test_the_file_of_somebody_else_is_not_there(at_page: Person, now: Any) -> None:
    other = Report.objects.latest("received_at")
    add(at_page, "page/files/")
    examine()
    row = Attachment.objects.get()
    stranger = Person(Client(), "en")
    stranger.begin()
    stranger.answer("country", country="RU")
    stranger.answer("category", category="WRK")
    stranger.send()
    stranger.open_page(stranger.code("sent/"))
    assert Report.objects.latest("received_at") != other
    assert stranger.get(f"page/files/{row.pk}/").status_code == 404
    assert stranger.get(f"page/files/{uuid4()}/").status_code == 404
    stranger.client.post(stranger.path(f"page/files/{row.pk}/remove/"), {"token": stranger.token("page/files/")})
    assert Attachment.objects.filter(pk=row.pk).exists()
    assert Client().get(stranger.path(f"page/files/{row.pk}/")).status_code == 303


def test_an_open_page_of_an_erased_report_says_that_it_is_gone(at_page: Person) -> None:
    add(at_page, "page/files/")
    examine()
    row = Attachment.objects.get()
    token = at_page.token("page/files/")
    erase_report(report_id=row.report_id, because="reporter", now=timezone.now())
    assert at_page.get("page/files/").status_code == 410
    again = {"token": token, "document_file": upload(samples.photo()), "end": "1"}
    answer = at_page.client.post(at_page.path("page/files/"), again)
    assert answer.status_code in (303, 410) and not Attachment.objects.exists()


def test_stored_bytes_that_are_gone_are_a_404(at_page: Person) -> None:
    add(at_page, "page/files/")
    examine()
    for path in lying():
        path.unlink()
    assert at_page.get(f"page/files/{Attachment.objects.get().pk}/").status_code == 404


# --- pieces -----------------------------------------------------------------------------------------------------------


def begin(person: Person, place: str, size: Any) -> HttpResponse:
    data = {"name": "Canary.mp4", "size": size, "use": "story"}
    token = person.token(f"{place}/files/")
    return person.client.post(person.path(f"{place}/files/begin/"), data, headers={"X-Form-Token": token})


def send_piece(person: Person, place: str, upload: str, offset: Any, content: bytes, **more: Any) -> HttpResponse:
    headers = {"X-Form-Token": person.token(f"{place}/files/"), "X-Upload": upload, "X-Offset": str(offset)}
    return person.client.generic(
        "POST", person.path(f"{place}/files/piece/"), content, "application/octet-stream", headers=headers, **more
    )


@pytest.mark.parametrize("place", ["p", "page"])
def test_pieces_arrive_and_go_on_after_a_break(request: pytest.FixtureRequest, place: str) -> None:
    person: Person = request.getfixturevalue("reporting" if place == "p" else "at_page")
    name = begin(person, place, len(FILM)).json()["upload"]
    (at, first), (second_at, second) = pieces(FILM)
    assert send_piece(person, place, name, at, first).json() == {"received": PIECE, "whole": False}
    assert send_piece(person, place, name, second_at, b"").json() == {"received": PIECE, "whole": False}
    assert send_piece(person, place, name, second_at + 5, second).status_code == 409
    assert send_piece(person, place, name, second_at, second).json() == {"received": len(FILM), "whole": True}
    row = Attachment.objects.get()
    assert (row.state, row.use) == ("received", "story") and not found_in_store(b"PICTURE-AND-SOUND")


@pytest.mark.parametrize("offset", ["", "-1", "x", "9" * 400, "0x10", "٣", "1e3"])
def test_a_forged_offset_keeps_nothing(reporting: Person, offset: str) -> None:
    name = begin(reporting, "p", len(FILM)).json()["upload"]
    assert send_piece(reporting, "p", name, offset.encode().decode("latin-1"), FILM[:PIECE]).status_code == 409
    assert not lying()


@pytest.mark.parametrize("size", ["", "0", "-5", "x", "9" * 50, str(1 << 40)])
def test_a_forged_size_begins_nothing(reporting: Person, size: str) -> None:
    answer = begin(reporting, "p", size)
    assert answer.status_code == 422 and answer.json()["error"] and not Attachment.objects.exists()


def test_a_piece_without_its_form_or_its_upload_keeps_nothing(reporting: Person) -> None:
    name = begin(reporting, "p", len(FILM)).json()["upload"]
    assert send_piece(reporting, "p", "forged", 0, FILM[:PIECE]).status_code == 422
    assert send_piece(reporting, "p", name, 0, bytes(PIECE + 1)).status_code == 422
    cut = {"CONTENT_LENGTH": "400", "wsgi.input": io.BytesIO(b"half")}
    assert send_piece(reporting, "p", name, 0, b"half", **cut).status_code == 422
    bare = reporting.client.generic("POST", reporting.path("p/files/piece/"), FILM[:PIECE], "application/octet-stream")
    assert bare.status_code == 403 and not lying()


def test_what_is_not_taken_is_said_with_the_first_piece(reporting: Person) -> None:
    name = begin(reporting, "p", 5000).json()["upload"]
    answer = send_piece(reporting, "p", name, 0, samples.svg_with_script().ljust(5000))
    assert answer.status_code == 422 and "web pages" in answer.json()["error"]
    assert not Attachment.objects.exists()


def test_two_tabs_add_one_after_the_other(reporting: Person, settings: Any) -> None:
    settings.FILES_MOST = 2
    for _tab in range(2):
        assert add(reporting, then="stay").status_code == 303
    answer = add(reporting, then="stay")
    assert answer.status_code == 422 and "no room" in text_of(answer) and Attachment.objects.count() == 2


def test_after_sending_a_file_of_an_old_tab_leads_to_what_was_sent(reporting: Person) -> None:
    token = reporting.token("p/files/")
    reporting.send()
    answer = reporting.client.post(
        reporting.path("p/files/"), {"token": token, "document_file": upload(samples.photo()), "end": "1"}
    )
    assert answer.headers["Location"] == reporting.path("sent/")


def test_the_pages_keep_no_name_in_their_addresses_and_ask_for_no_cache(at_page: Person) -> None:
    add(at_page, "page/files/")
    page = at_page.get("page/files/")
    assert page.headers["Cache-Control"] == "no-store" and page.headers["Referrer-Policy"] == "no-referrer"
    assert cookies.PAGE in page.cookies
    assert "style=" not in page.content.decode() and "<script>" not in page.content.decode()
