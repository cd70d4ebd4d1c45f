"""Every setting, from the environment or a `.env` file; with neither, all of it works, on loopback only."""

import os
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import environ
from django.core.exceptions import ImproperlyConfigured

from config import secrets
from config.database import databases, role_of_process
from config.headers import content_security_policy, media_sources
from config.heartbeat import heartbeat_url
from config.logs import logging_of
from config.mail import files_below, mailers
from config.public import public_url
from config.sealing import key_encryption
from config.throttle import LIMITS, caches

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
env.read_env(env.str("CLIPLEDGER_ENV_FILE", default=str(BASE_DIR / ".env")))

ENVIRONMENT = env.str("CLIPLEDGER_ENV", default="local")
if ENVIRONMENT not in ("local", "production"):
    raise ImproperlyConfigured(f"CLIPLEDGER_ENV is {ENVIRONMENT!r}; it must be local or production.")
PRODUCTION = ENVIRONMENT == "production"
if PRODUCTION:
    secrets.demand(os.environ, role_of_process(os.environ))

VAR = Path(env.str("CLIPLEDGER_VAR", default=str(BASE_DIR / "var"))).absolute()
DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", ".localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

_secrets = secrets.load(os.environ, VAR / "secrets")
KEY_ENCRYPTION = key_encryption(os.environ, None if PRODUCTION else VAR / "secrets")
SECRET_KEY, TOKEN_PEPPER = _secrets.secret_key, _secrets.token_pepper
CHECKPOINT_SIGNING_KEY = secrets.given(os.environ, "CHECKPOINT_SIGNING_KEY")  # "": made when first needed

INSTALLED_APPS = [
    "auditing",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "procrastinate.contrib.django",
    "django_htmx",
    "lucide",
    "chartkick.django",  # for its static files: Chart.js
]

MIDDLEWARE = [
    "auditing.views.origins.OriginMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "auditing.views.compression.StaticFilesMiddleware",
    "auditing.views.compression.PageCompressionMiddleware",
    "auditing.views.headers.HeadersMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "auditing.views.signing_in.SignInMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "auditing.access.ActingMiddleware",
    "auditing.views.recording.RefusalMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# Data
DATABASES = databases(os.environ, VAR)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = caches(env.str("CACHE_URL", default=""))

# People
AUTH_USER_MODEL = "auditing.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "config.accounts.ClosedAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = LIMITS
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)

# Cookies and headers
SESSION_COOKIE_NAME = "clipledger_session"
CSRF_COOKIE_NAME = "clipledger_csrf"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=PRODUCTION)
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000 if PRODUCTION else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("SECURE_HSTS_INCLUDE_SUBDOMAINS", default=PRODUCTION)
SECURE_HSTS_PRELOAD = env.bool("SECURE_HSTS_PRELOAD", default=PRODUCTION)
# The proxy's header that says a request came by https, such as "HTTP_X_FORWARDED_PROTO,https".
SECURE_PROXY_SSL_HEADER = env.tuple("SECURE_PROXY_SSL_HEADER", default=None)

# Providers
ALLOW_LOOPBACK_PROVIDERS = env.bool("ALLOW_LOOPBACK_PROVIDERS", default=not PRODUCTION)
MEDIA_SOURCES = media_sources(env.list("MEDIA_SOURCES", default=[]), ALLOW_LOOPBACK_PROVIDERS)
SECURE_CSP = content_security_policy(MEDIA_SOURCES)

# The sync. A worker that is told to end lets its turns finish the batch in hand, at once.
EXPORT_FILES_MB = env.int("EXPORT_FILES_MB", default=10_240)  # of all background exports that are kept
SYNC_EXPECTED_EVERY = env.int("SYNC_EXPECTED_EVERY", default=60)  # minutes; later than that is "late"
HEARTBEAT_URL = heartbeat_url(secrets.given(os.environ, "HEARTBEAT_URL"), ALLOW_LOOPBACK_PROVIDERS)
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "tasks" if role_of_process(os.environ) == "worker" else None
PROCRASTINATE_WORKER_DEFAULTS = {"shutdown_graceful_timeout": 0.1}

# Time
TIME_ZONE = "UTC"
USE_TZ = True
REPORT_TIME_ZONE = env.str("REPORT_TIME_ZONE", default="UTC")
try:
    ZoneInfo(REPORT_TIME_ZONE)
except (ZoneInfoNotFoundError, ValueError, OSError):
    raise ImproperlyConfigured(
        f"REPORT_TIME_ZONE is {REPORT_TIME_ZONE!r}, which is no time zone's name (such as Europe/Paris)."
    ) from None

# Files: in production collected beforehand, under names that change with their content; else as they lie.
STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static" if PRODUCTION else None
WHITENOISE_USE_FINDERS = not PRODUCTION
_static_storage = (
    "whitenoise.storage.CompressedManifestStaticFilesStorage"
    if PRODUCTION
    else "django.contrib.staticfiles.storage.StaticFilesStorage"
)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _static_storage},
}

# Mail and log
MAILERS = mailers(env.str("EMAIL_URL", default="smtp://localhost:25" if PRODUCTION else files_below(VAR)))
PUBLIC_URL = public_url(env.str("PUBLIC_URL", default=""), ALLOWED_HOSTS, PRODUCTION)
MAIL_LEFT_TO_DEFAULTS = [
    name for name in ("EMAIL_URL", "DEFAULT_FROM_EMAIL", "PUBLIC_URL") if PRODUCTION and not env.str(name, "")
]
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="clipledger@localhost")
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO").upper()
LOGGING = logging_of(LOG_LEVEL, env.str("LOG_FORMAT", default="json" if PRODUCTION else "line"))
DEFAULT_EXCEPTION_REPORTER = "config.tracebacks.RedactingReporter"
DEFAULT_EXCEPTION_REPORTER_FILTER = "config.tracebacks.RedactingFilter"
