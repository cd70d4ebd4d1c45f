"""The one Django app."""

from django.apps import AppConfig


class AuditingConfig(AppConfig):
    """Tables, pages and commands of Clipledger."""

    name = "auditing"
    verbose_name = "Clipledger"

    def ready(self) -> None:
        """Make `check --deploy` look at the wall."""
        from auditing import checks  # noqa: F401 - registers itself; models are ready only now
