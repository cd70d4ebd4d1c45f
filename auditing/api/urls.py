"""The addresses of the API, below `/api/v1/`."""

from django.urls import URLPattern, path

from auditing.api.answers import by_method
from auditing.api.intake import generations_intake

urlpatterns: list[URLPattern] = [
    path("generations", by_method(POST=generations_intake), name="api_generations"),
]
