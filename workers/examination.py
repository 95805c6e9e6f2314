"""What `manage.py doctor` looks at: each check answers in plain words what is wrong and what to do."""

import os
import socket
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from cases.models import OutboxMessage, TimelineAnchor, TimelineEvent, UrgencyRule, User, append_only
from cases.models.user import Role
from cases.permissions import may
from cases.queries.agreements import memorandum_in_force
from cases.queries.closing import closings_of
from cases.queries.duty import supervisors
from cases.queries.health import HOLE_DAYS
from cases.queries.rota import holes
from cases.queries.second_person import has_other_supervisor
from intake.models import IntakeEvent, ProblemCategory
from intake.queries.files import files_waiting
from intake.queries.guesses import wrong_codes_since
from intake.vocabulary import Side

from .celery import app


@dataclass(frozen=True)
class Finding:
    """`grave`: people may be harmed or nothing works. Otherwise: somebody should look."""

    grave: bool
    what: str
    remedy: str


Check = Callable[[datetime], Iterator[Finding]]


def examine(now: datetime) -> list[Finding]:
    """Every check; those that need tables only when the tables are there."""
    findings = [
        finding
        for check in (settings_are_safe, sign_in_is_guarded, keys_are_private, mail_is_reachable)
        for finding in check(now)
    ]
    tables = list(tables_are_there(now))
    findings += tables
    if not tables:
        checks = (
            reference_is_loaded,
            people_are_there,
            second_people_are_there,
            duty_is_covered,
            nothing_waits,
            codes_are_not_guessed,
        )
        for check in (*checks, timelines_are_guarded, timelines_are_anchored, broker_answers):
            findings += check(now)
    return findings


def settings_are_safe(now: datetime) -> Iterator[Finding]:
    if settings.DEMO:
        yield Finding(
            False, "This is the demo: invented data, sign-in with one click.", "Unset KORPU_DEMO for real people."
        )
        return
    if settings.DEBUG:
        yield Finding(True, "DEBUG is on: error pages show people's data.", "Unset DEBUG.")
    if not settings.SECURE:
        yield Finding(
            True, "The site's address is not https: reports can be read on the way.", "Set KORPU_SITE_URL=https://…"
        )
    if settings.WEBHOOK_ALLOWED_HOSTS:
        yield Finding(True, "Webhooks may go to addresses inside this network.", "Empty KORPU_WEBHOOK_ALLOWED_HOSTS.")
    if connection.vendor == "sqlite":
        yield Finding(
            False, "The database is SQLite: good for one machine and few people.", "Set DATABASE_URL to a PostgreSQL."
        )
    for name in ("DEFAULT_FROM_EMAIL", "REPORTER_FROM_EMAIL"):
        if "example.org" in getattr(settings, name):
            yield Finding(
                False,
                f"Mails still carry the example sender ({name}).",
                "Set KORPU_MAIL_FROM and KORPU_REPORTER_MAIL_FROM.",
            )


def sign_in_is_guarded(now: datetime) -> Iterator[Finding]:
    if not settings.DEMO and not settings.SECOND_FACTOR_REQUIRED:
        yield Finding(True, "Staff can sign in without a second factor.", "Unset KORPU_SECOND_FACTOR.")


def keys_are_private(now: datetime) -> Iterator[Finding]:
    mode = stat.S_IMODE(settings.KEYS_FILE.stat().st_mode)
    if mode & 0o077:
        yield Finding(
            True, f"Others on this machine can read the keys ({settings.KEYS_FILE}).", f"chmod 600 {settings.KEYS_FILE}"
        )
    if settings.KEYS_FILE.stat().st_uid not in (0, os.getuid()):
        yield Finding(
            False,
            "The keys belong to another user than this one.",
            "Run the service and this command as the same user.",
        )


def mail_is_reachable(now: datetime) -> Iterator[Finding]:
    try:
        socket.create_connection((settings.EMAIL_HOST, settings.EMAIL_PORT), timeout=3).close()
    except OSError:
        place = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
        yield Finding(
            True,
            f"The mail server at {place} does not answer: nobody is alerted.",
            "Set EMAIL_URL, or start the server.",
        )


def tables_are_there(now: datetime) -> Iterator[Finding]:
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        yield Finding(True, "The database does not answer.", "Check DATABASE_URL and that the server runs.")
        return
    if waiting:
        yield Finding(True, f"{len(waiting)} changes of the tables have not been made.", "python manage.py migrate")


def reference_is_loaded(now: datetime) -> Iterator[Finding]:
    if not ProblemCategory.objects.exists() or not UrgencyRule.objects.exists():
        yield Finding(True, "There is no reference data: nobody can report.", "python manage.py load_reference")


def people_are_there(now: datetime) -> Iterator[Finding]:
    users = list(User.objects.filter(is_active=True))
    if not settings.DEMO and any(user.is_demo for user in users):
        yield Finding(
            True,
            "There are demo accounts in a place for real people.",
            "Disable them, and start from an empty database.",
        )
    sides = {user.side for user in users}
    for side in sorted(sides):
        for role in (Role.ADMINISTRATOR, Role.CASEWORKER, Role.SUPERVISOR):
            if not any(user.side == side and role in user.roles for user in users):
                yield Finding(
                    role != Role.ADMINISTRATOR,
                    f"Side {side} has nobody in the role “{role.value}”.",
                    "Make an account in the console; a supervisor with manage.py appoint.",
                )
    if not sides:
        yield Finding(True, "There is no account at all.", "python manage.py first_run")
    if len(sides) == len(Side) and memorandum_in_force(now) is None:
        yield Finding(
            False,
            "No memorandum is in force: nothing is offered across sides.",
            "Enter the memorandum when it is signed.",
        )


def second_people_are_there(now: datetime) -> Iterator[Finding]:
    """Where two people must decide, one is not enough; and nobody approves their own because there is no other."""
    for side in sorted(set(User.objects.filter(is_active=True).values_list("side", flat=True))):
        able = supervisors(side, now)
        if len(able) == 1:
            yield Finding(
                False,
                f"Side {side} has one supervisor: what that person proposes (closings, vital interest) nobody can "
                "approve.",
                "Appoint another: manage.py appoint --mail … --role supervisor --approved-by … …",
            )
        stuck = sum(not has_other_supervisor(row.case, row.proposed_by_id, now) for row in closings_of(side))
        if stuck:
            yield Finding(
                True,
                f"{stuck} closings of side {side} wait and nobody may approve them.",
                "Appoint another supervisor: manage.py appoint. Nobody approves their own.",
            )
        approving = [user for user in User.objects.filter(side=side, is_active=True) if may(user, "approve_agreement")]
        if len(approving) < 2:
            yield Finding(
                False,
                f"Side {side} has {len(approving)} people who may approve agreements: a change needs two.",
                "Make a partner coordinator in the console, or appoint a supervisor (manage.py appoint).",
            )


def duty_is_covered(now: datetime) -> Iterator[Finding]:
    for side in sorted(set(User.objects.filter(is_active=True).values_list("side", flat=True))):
        for hole in holes(side, now, days=HOLE_DAYS)[:1]:
            yield Finding(
                True,
                f"Nobody is on duty for side {side} from {hole.starts_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC.",
                "Fill the rota in the console.",
            )


def nothing_waits(now: datetime) -> Iterator[Finding]:
    late = now - timedelta(minutes=2)
    if OutboxMessage.objects.filter(state=OutboxMessage.State.DUE, next_attempt_at__lt=late, attempts=0).exists():
        yield Finding(True, "Notifications have been waiting for over two minutes.", "Start the worker and the clock.")
    if IntakeEvent.objects.filter(taken_up_at__isnull=True, at__lt=late).exists():
        yield Finding(
            True,
            "Reports have been waiting for over two minutes to become cases.",
            "Start the worker and the clock; look at their log.",
        )
    files = files_waiting(since=now - timedelta(minutes=10))
    if files:
        yield Finding(
            False,
            f"{files} files of reporters have been waiting for over ten minutes to be checked.",
            "Start the worker; if KORPU_CLAMD_SOCKET is set, look whether clamd runs.",
        )
    dead = OutboxMessage.objects.filter(state=OutboxMessage.State.DEAD)[:100].count()
    if dead:
        yield Finding(False, f"{dead} notifications could not be delivered.", "Look at “not delivered” in the console.")


def codes_are_not_guessed(now: datetime) -> Iterator[Finding]:
    wrong = wrong_codes_since(now - timedelta(hours=24))
    if wrong:
        yield Finding(
            False,
            f"At least {wrong} wrong codes were tried in the last 24 hours: somebody may be guessing.",
            "Nobody is locked out and each network is held back. Look at the proxy's log for where they come from.",
        )


def timelines_are_guarded(now: datetime) -> Iterator[Finding]:
    if bare := append_only.unguarded(connection):
        yield Finding(
            True,
            f"The database does not refuse to change {' and '.join(bare)}: somebody took the triggers away.",
            "manage.py verify_timelines, then put them back (docs/operations.md, “The timeline cannot be changed”).",
        )
    if open_to_role := append_only.changeable(connection):
        yield Finding(
            False,
            f"The site's database role owns or may change {' and '.join(open_to_role)}.",
            "Run it as a role without these rights (docs/operations.md, “The timeline cannot be changed”).",
        )


def timelines_are_anchored(now: datetime) -> Iterator[Finding]:
    late = now - timedelta(days=2)
    first = TimelineEvent.objects.order_by("pk").first()
    newest = TimelineAnchor.objects.order_by("-day").first()
    if first is None or first.at > late:
        return
    if newest is None or newest.day < late.date():
        since = f"since {newest.day}" if newest else "yet"
        yield Finding(False, f"The timelines have not been anchored {since}.", "Start the worker and the clock.")
    elif newest.day > (now + timedelta(days=1)).date():
        yield Finding(False, f"The newest anchor is of {newest.day}, a day to come.", "Set the clock of the machine.")


def broker_answers(now: datetime) -> Iterator[Finding]:
    try:
        alive = app.control.ping(timeout=2.0) if settings.REDIS_URL else True
    except Exception:  # noqa: BLE001 (whatever the broker's client raises: the answer is the same)
        yield Finding(
            True, "Redis does not answer.", "Check REDIS_URL and that the server runs. Reports are still kept."
        )
        return
    if not alive:
        yield Finding(True, "No worker answers.", "Start the worker.")
