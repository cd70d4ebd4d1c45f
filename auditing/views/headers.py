"""Headers of every answer that is no static file: kept by no browser or proxy, read by no other site."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

UNUSED = (
    "accelerometer", "autoplay", "browsing-topics", "camera", "clipboard-read",
    "display-capture", "encrypted-media", "gamepad", "geolocation", "gyroscope", "hid",
    "identity-credentials-get", "idle-detection", "local-fonts", "magnetometer", "microphone", "midi",
    "otp-credentials", "payment", "screen-wake-lock", "serial", "storage-access", "usb",
    "window-management", "xr-spatial-tracking",
)  # fmt: skip
PERMISSIONS_POLICY = ", ".join(f"{feature}=()" for feature in UNUSED)
SIGNED_OUT = "clipledger_signed_out"


class HeadersMiddleware:
    """Stands inside of whitenoise: static files are nobody's, and may be kept by everybody."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """`no-store` without looking who asked: pages, parts, files, refusals and redirects alike."""
        response = self.get_response(request)
        if "no-store" not in response.headers.get("Cache-Control", ""):
            response.headers["Cache-Control"] = "no-store"
        response.headers["Permissions-Policy"] = PERMISSIONS_POLICY
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        # Browsers obey it over https alone. Cookies are left: the session's is deleted by itself.
        if getattr(request, SIGNED_OUT, False) and request.is_secure():
            response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response
