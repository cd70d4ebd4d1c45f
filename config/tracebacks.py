"""What Django's error reports may say: where it happened, and nothing of what was being worked with."""

from types import FrameType
from typing import Any

from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

from auditing.redaction import is_secret_name, redact


class RedactingFilter(SafeExceptionReporterFilter):
    """Shows of variables and of a form's fields their names and types only, in DEBUG, too.

    What stands in a frame may be anybody's prompt, a provider's key that a library put into a header, or a
    session: no list of names could tell which.
    """

    def is_active(self, request: HttpRequest | None) -> bool:  # noqa: ARG002 - Django's signature
        """Always."""
        return True

    def cleanse_setting(self, key: str | int, value: Any) -> Any:
        """A setting, or a variable of the request, without secrets in it."""
        value = super().cleanse_setting(key, value)
        if isinstance(key, str) and is_secret_name(key):
            return self.cleansed_substitute
        return redact(value) if isinstance(value, str) else value

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        """The names of the form's fields."""
        return {} if request is None else dict.fromkeys(request.POST, self.cleansed_substitute)

    def get_traceback_frame_variables(  # type: ignore[override]  # Django itself returns a list, too
        self,
        request: HttpRequest | None,  # noqa: ARG002 - Django's signature
        tb_frame: FrameType,
    ) -> list[tuple[str, Any]]:
        """Each variable with the name of its type."""
        return [(name, f"({type(value).__name__})") for name, value in tb_frame.f_locals.items()]


class RedactingReporter(ExceptionReporter):
    """The whole report goes through redaction once more: it quotes the address that was asked for, too."""

    def get_traceback_data(self) -> dict[str, Any]:
        """What the report is made of; Django leaves the query's values as they are."""
        data = super().get_traceback_data()
        query = data.get("request_GET_items") or ()
        data["request_GET_items"] = [(key, self.filter.cleanse_setting(key, value)) for key, value in query]
        return data

    def get_traceback_html(self) -> SafeString:
        """The page that DEBUG shows."""
        return SafeString(redact(super().get_traceback_html()))  # nosec B703  # Django escaped it already

    def get_traceback_text(self) -> SafeString:
        """The report as text, for mails and for requests by scripts."""
        return SafeString(redact(super().get_traceback_text()))  # nosec B703  # plain text
