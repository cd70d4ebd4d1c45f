"""The one Django app."""

from django.apps import AppConfig


class AuditingConfig(AppConfig):
    """Tables, pages and commands of Clipledger."""

    name = "auditing"
    verbose_name = "Clipledger"
