"""The site's settings. Everything that differs between places comes from the environment (see .env.example)."""

import csv
import sys
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from cases.conf import api
from cases.conf.keys import load_keys
from cases.conf.logging import logging_configuration

BASE_DIR = Path(__file__).resolve().parents[2]
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

# --- what kind of place this is
DEMO = env.bool("KORPU_DEMO", False)  # invented data, one-click sign-in; never true where real people report
TESTING = "pytest" in sys.modules or env.bool("KORPU_TESTING", False)
DEBUG = env.bool("DEBUG", False)
if DEBUG and not DEMO and not TESTING:
    raise ImproperlyConfigured("DEBUG shows data of real people on error pages: it is refused outside the demo.")

VAR_DIR = Path(env.str("KORPU_VAR", str(BASE_DIR / "var"))).resolve()
VAR_DIR.mkdir(parents=True, exist_ok=True)
KEYS_FILE = Path(env.str("KORPU_KEYS_FILE", str(VAR_DIR / "keys.json")))
# Commands that run before there are keys: first_run makes them, the others never touch personal data.
_COMMAND = sys.argv[1] if len(sys.argv) > 1 and Path(sys.argv[0]).name == "manage.py" else ""
KORPU_KEYS = load_keys(KEYS_FILE, may_make=DEMO or TESTING or _COMMAND == "first_run")
SECRET_KEY = KORPU_KEYS.django_secret

PORT = env.int("PORT", 8000)
SITE_URL = env.str("KORPU_SITE_URL", f"http://127.0.0.1:{PORT}")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SECURE = SITE_URL.startswith("https://")

# --- the parts
INSTALLED_APPS = [
    "intake",
    "cases",
    "workers",
    "seeds",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "oauth2_provider",
    "rest_framework",
    "drf_spectacular",
    "csp",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "cases.conf.middleware.ContentSecurityPolicy",
    "cases.conf.middleware.Session",
    "cases.web.language.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "cases.conf.middleware.Authentication",
    "cases.conf.middleware.AccountLanguage",
    "allauth.account.middleware.AccountMiddleware",
    "cases.conf.middleware.Messages",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
    "cases.web.outage.OutageMiddleware",
]
ROOT_URLCONF = "cases.conf.urls"
WSGI_APPLICATION = "cases.conf.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "cases.web.context.site",
            ],
        },
    }
]

FORM_RENDERER = "cases.conf.form_renderer.Renderer"

# --- database: SQLite needs no server; DATABASE_URL is all that changes for PostgreSQL
DATABASE_URL = env.str("DATABASE_URL", "")
if DATABASE_URL:
    DATABASES = {"default": env.db_url_config(DATABASE_URL)}
    if DATABASES["default"]["ENGINE"] != "django.db.backends.postgresql":
        raise ImproperlyConfigured("DATABASE_URL names a PostgreSQL. Without it, SQLite under KORPU_VAR is used.")
    DATABASES["default"].update(
        ENGINE="cases.conf.postgresql",  # Django's, with a cheaper look at the connection that a thread keeps
        CONN_MAX_AGE=None,
        CONN_HEALTH_CHECKS=True,
        OPTIONS={
            "connect_timeout": 5,
            # A statement that comes for the fifth time on a connection is parsed and planned no more. 0 behind a pooler
            # that cannot keep prepared statements (PgBouncer before 1.21 in transaction mode).
            "server_side_binding": True,
            "prepare_threshold": env.int("KORPU_DB_PREPARE", 5) or None,
        },
        TEST={"NAME": env.str("KORPU_TEST_DATABASE", "") or None},
    )
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": VAR_DIR / "korpu.sqlite3",
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
            },
            "TEST": {"NAME": VAR_DIR / "test.sqlite3"},
        }
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- cache and broker: REDIS_URL is all that changes for Redis
REDIS_URL = env.str("REDIS_URL", "")
_TEST_WORKER = env.str("PYTEST_XDIST_WORKER", "")
if TESTING and REDIS_URL and _TEST_WORKER:
    # Tests clear their cache, which clears the whole Redis database: each process of the suite has its own.
    REDIS_URL = f"{REDIS_URL.rpartition('/')[0]}/{1 + int(_TEST_WORKER.removeprefix('gw')) % 15}"
if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": env.str("KORPU_CACHE_PREFIX", "korpu"),
            "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1},
        }
    }
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "korpu"}}
BROKER_DIR = VAR_DIR / "broker"

# --- accounts
AUTH_USER_MODEL = "cases.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "cases.api.secrets.FastSecret",  # of API clients only; passwords use the first
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/console/"
ACCOUNT_ADAPTER = "cases.web.access.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
# Per address only: a limit per account name would let anybody lock a colleague out. Axes counts (account, address).
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "20/5m/ip", "reset_password": "20/h/ip"}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Körpü"
MFA_ADAPTER = "cases.web.access.SecondFactorAdapter"
SECOND_FACTOR_REQUIRED = env.bool("KORPU_SECOND_FACTOR", not DEMO)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.5  # hours: the page says half an hour
AXES_LOCKOUT_CALLABLE = "cases.web.errors.too_many_tries"
AXES_USERNAME_FORM_FIELD = "login"
AXES_USERNAME_CALLABLE = "cases.web.access.account_tried"  # it finds none by itself in what allauth hands over
AXES_ENABLE_ACCESS_FAILURE_LOG = False
AXES_DISABLE_ACCESS_LOG = True
AXES_CLIENT_IP_CALLABLE = "cases.web.access.caller_address"  # behind a proxy everybody would have the proxy's
SESSION_COOKIE_AGE = 8 * 3600
SESSION_COOKIE_NAME = "korpu_session"
SESSION_ENGINE = "django.contrib.sessions.backends.db"

# --- partner access
OAUTH2_PROVIDER_APPLICATION_MODEL = api.OAUTH2_PROVIDER_APPLICATION_MODEL
OAUTH2_PROVIDER, REST_FRAMEWORK = api.OAUTH2_PROVIDER, api.REST_FRAMEWORK
SPECTACULAR_SETTINGS = api.SPECTACULAR_SETTINGS
API_REQUESTS_PER_MINUTE = env.int("KORPU_API_REQUESTS_PER_MINUTE", 600)  # per client
API_WAITERS = env.int("KORPU_API_WAITERS", 1)  # long polls at a time in one process: one for each four of its threads

# --- languages and time
LANGUAGE_CODE = "en"
# Every language of the pages: a row of this file with ui = 1, and a catalogue (docs/operations.md, "Another language").
LANGUAGES_FILE = Path(env.str("KORPU_LANGUAGES_FILE", str(BASE_DIR / "seeds" / "data" / "languages.csv")))
with LANGUAGES_FILE.open(encoding="utf-8", newline="") as _rows:
    LANGUAGES = [(_row["code"], _row["own"]) for _row in csv.DictReader(_rows) if _row["ui"] == "1"]
LOCALE_PATHS = [Path(folder) for folder in env.list("KORPU_LOCALE_PATHS", default=[])]  # besides those of the rooms
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- browser security
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
# Nothing goes to other sites. Not "no-referrer": with it browsers send "Origin: null", and every form is refused.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "cases.web.errors.csrf_failure"
SECURE_SSL_REDIRECT = False  # the proxy in front redirects; behind it every request would look plain
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
if env.int("KORPU_PROXY_COUNT", 0):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
PROXY_COUNT = env.int("KORPU_PROXY_COUNT", 0)
# Bytes of one form or JSON body: a million letters, of which a browser makes six bytes each (%D0%B6), and a little.
DATA_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024 * 1024 + 64 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 400

# --- files and pages
STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("KORPU_STATIC_ROOT", str(VAR_DIR / "static")))
if TESTING:
    STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # WhiteNoise warns of a missing folder, and warnings are errors
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
# What people send: sealed, under names that say nothing. Another store is two settings (django-storages).
_FILES_BACKEND = env.str("KORPU_FILES_BACKEND", "django.core.files.storage.FileSystemStorage")
_FILES_FOLDER = {
    "location": str(VAR_DIR / "files"),
    "base_url": None,  # never served by address
    "file_permissions_mode": 0o600,
    "directory_permissions_mode": 0o700,
}
STORAGES["reports"] = {"BACKEND": _FILES_BACKEND, "OPTIONS": env.json("KORPU_FILES_OPTIONS", _FILES_FOLDER)}
FILE_UPLOAD_HANDLERS = ["intake.web.receiving.DropFiles"]  # the one page that takes files sets its own
FILES_LIMIT_BYTES = env.int("KORPU_FILES_LIMIT_MB", 30) * 1024 * 1024  # of one file
FILES_TOTAL_BYTES = env.int("KORPU_FILES_TOTAL_MB", 150) * 1024 * 1024  # of one draft or report
FILES_MOST = env.int("KORPU_FILES_MOST", 10)  # of one draft or report
FILES_KEEP_FREE_BYTES = env.int("KORPU_FILES_KEEP_FREE_MB", 1024) * 1024 * 1024  # of the disk: reports always find room
CLAMD_SOCKET = env.str("KORPU_CLAMD_SOCKET", "")  # unix:/run/clamav/clamd.ctl or tcp:127.0.0.1:3310; empty: no scanner

# --- how long what is kept beside the rules in the database
SNAPSHOT_DAYS = env.int("KORPU_SNAPSHOT_DAYS", 7)  # raw snapshots and write-ahead logs; the certificate adds them up

# --- mail and webhooks
# The demo's mail goes to its own catcher, one port above the site's.
_MAIL = env.email_url("EMAIL_URL", default=f"smtp://127.0.0.1:{PORT + 1 if DEMO else 25}")
EMAIL_BACKEND = _MAIL["EMAIL_BACKEND"]
EMAIL_HOST, EMAIL_PORT = _MAIL["EMAIL_HOST"], _MAIL["EMAIL_PORT"]
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _MAIL["EMAIL_HOST_USER"], _MAIL["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS, EMAIL_USE_SSL = _MAIL.get("EMAIL_USE_TLS", False), _MAIL.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.str("KORPU_MAIL_FROM", "Korpu <no-reply@korpu.example.org>")
REPORTER_FROM_EMAIL = env.str("KORPU_REPORTER_MAIL_FROM", "Info <no-reply@info.example.org>")  # says nothing of us
WEBHOOK_ALLOWED_HOSTS = frozenset(env.list("KORPU_WEBHOOK_ALLOWED_HOSTS", default=[]))  # host:port on loopback
DEMO_INBOX = VAR_DIR / "demo-inbox"
DEMO_WEBHOOK_PORT = env.int("KORPU_DEMO_WEBHOOK_PORT", PORT + 2)

LOGGING = logging_configuration(level=env.str("KORPU_LOG_LEVEL", "INFO"))
