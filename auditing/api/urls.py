"""The addresses of the API, below `/api/v1/`. Ids are the whole rest of an address, whatever they hold."""

from django.urls import path, re_path

from auditing.api.answers import by_method, no_such_address
from auditing.api.intake import generations_intake
from auditing.api.listing import listing, one
from auditing.api.nanobanana import video_status
from auditing.api.openapi import document
from auditing.api.reelbot import project_status

ANYTHING = r"(?s:.*)\Z"

urlpatterns = [
    path("generations", by_method(GET=listing, POST=generations_intake), name="api_generations"),
    re_path(rf"^generations/(?P<provider>[^/]+)/(?P<external_id>{ANYTHING})", one, name="api_generation"),
    path("video-status.php", video_status, name="api_video_status"),
    re_path(rf"^video/status/(?P<project_id>{ANYTHING})", project_status, name="api_project_status"),
    path("openapi.json", document, name="api_openapi"),
    re_path(r"", no_such_address, name="api_unknown"),
]
