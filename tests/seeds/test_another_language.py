"""A language is added by a catalogue and a row, as docs/operations.md says: tried with one that nobody speaks."""

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import polib
import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.any_database

# What a person sees of it: pages, a notification, the console's sign-in. Runs in a process of its own, because
# languages are read when the settings are.
LOOK = """
import json
import django
django.setup()
from django.core.management import call_command
call_command("load_reference")
from django.test import Client
from cases.messages import render
client = Client()
pages = {"first": client.get("/eo/")}
pages["begun"] = client.post("/eo/", follow=True)
pages["code"] = client.get("/eo/page/")
pages["azerbaijani"] = client.get("/az/")
pages["sign-in"] = client.get("/account/login/", headers={"accept-language": "eo"})
from intake.models import Language
print(json.dumps({
    "pages": {name: page.content.decode() for name, page in pages.items()},
    "mail": render("message_waiting", "eo", "reporter", "email", {}).text,
    "is_interface": Language.objects.get(pk="eo").is_interface,
    "chosen": client.get("/", headers={"accept-language": "eo;q=0.9, en;q=0.5"})["Location"],
}))
"""


def add_language(folder: Path) -> dict[str, str]:
    """What an operator does: catalogues with every word, and one more row. Returns the settings that name them."""
    for app in ("intake", "cases"):
        po = polib.pofile(str(ROOT / app / "locale/az/LC_MESSAGES/django.po"))
        target = folder / app / "eo" / "LC_MESSAGES"
        target.mkdir(parents=True)
        for entry in po:
            if entry.msgid_plural:
                entry.msgstr_plural = {0: f"⟦{entry.msgid}⟧", 1: f"⟦{entry.msgid_plural}⟧"}
            else:
                entry.msgstr = f"⟦{entry.msgid}⟧"
        po.metadata.update({"Language": "eo", "Plural-Forms": "nplurals=2; plural=(n != 1);"})
        po.save_as_mofile(str(target / "django.mo"))
    with (ROOT / "seeds/data/languages.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    new = dict.fromkeys(rows[0], "Esperanto") | {"code": "eo", "ui": "1", "own": "Esperanto"}
    with (folder / "languages.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows([row for row in rows if row["code"] != "eo"] + [new])
    return {
        "KORPU_LANGUAGES_FILE": str(folder / "languages.csv"),
        "KORPU_LOCALE_PATHS": f"{folder / 'intake'},{folder / 'cases'}",
    }


@pytest.mark.slow
def test_a_language_needs_a_catalogue_and_a_row_only(tmp_path: Path, migrated: Path) -> None:
    (tmp_path / "var").mkdir()
    shutil.copy(migrated, tmp_path / "var")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("KORPU_", "PYTEST"))}
    environment |= add_language(tmp_path)
    environment |= {
        "KORPU_VAR": str(tmp_path / "var"),
        "KORPU_TESTING": "1",
        "DATABASE_URL": "",
        "REDIS_URL": "",
        "ALLOWED_HOSTS": "testserver",
    }
    environment["DJANGO_SETTINGS_MODULE"] = "cases.conf.settings"
    done = subprocess.run([sys.executable, "-c", LOOK], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    seen = json.loads(done.stdout.splitlines()[-1])
    assert seen["is_interface"]
    assert seen["chosen"] == "/eo/"
    assert "⟦You have a new message.⟧" in seen["mail"]
    assert 'href="/eo/"' in seen["pages"]["azerbaijani"]
    for name in ("first", "begun", "code"):
        assert '<html lang="eo">' in seen["pages"][name], name
        assert seen["pages"][name].count("⟦") > 5, name
    assert "⟦Leave quickly⟧" in seen["pages"]["first"]
    assert "⟦Which country are you in now?⟧" in seen["pages"]["begun"]
    assert "⟦" in seen["pages"]["sign-in"]
