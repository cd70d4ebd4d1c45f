"""Where the addresses begin; the pages of the audit are in `auditing`."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

handler500 = "auditing.views.errors.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/", include("allauth.account.urls")),
    path("admin/", admin.site.urls),
    path("", include("auditing.urls")),
]
