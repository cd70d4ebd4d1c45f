"""What an error report may say: where it happened, and nothing of what was being worked with."""

from types import FrameType, TracebackType
from typing import Any

from django.http import HttpRequest
from django.views.debug import SafeExceptionReporterFilter


class NoValues(SafeExceptionReporterFilter):
    """Shows of variables and of a form's fields their names and types only, in DEBUG, too.

    What stands in a frame may be anybody's prompt, a provider's key that a library put into a header, or a
    session: no list of names could tell which.
    """

    def is_active(self, request: HttpRequest | None) -> bool:  # noqa: ARG002
        """Always."""
        return True

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        """The names of the fields that were sent."""
        return {} if request is None else dict.fromkeys(request.POST, self.cleansed_substitute)

    def get_traceback_frame_variables(
        self,
        request: HttpRequest | None,  # noqa: ARG002
        tb_frame: FrameType | TracebackType,
    ) -> Any:
        """Each variable with the name of its type."""
        variables: dict[str, object] = tb_frame.f_locals  # type: ignore[union-attr]
        return [(name, f"({type(value).__name__})") for name, value in variables.items()]
