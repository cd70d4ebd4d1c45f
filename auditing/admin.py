"""`/admin/`: people and teams, for superusers. Audited rows are read on the pages, keys shown nowhere."""

from typing import Any
from zoneinfo import available_timezones

from allauth.account.adapter import get_adapter
from allauth.account.decorators import secure_admin_login
from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST
from procrastinate.contrib.django import admin as _queue  # noqa: F401 - registers what goes below
from procrastinate.contrib.django.models import ProcrastinateJob

from auditing import trail
from auditing.access import forget_standing
from auditing.models import Account, Membership, Project, Team, User

admin.site.site_header = admin.site.site_title = "Clipledger"
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # our sign-in, its limits
RIGHTS = ("is_active", "is_staff", "is_superuser", "groups", "user_permissions", "password")


@require_POST
def _leave(request: HttpRequest, extra_context: object = None) -> HttpResponse:  # noqa: ARG001
    """Sign out as the pages do, so that the trail tells of it."""
    get_adapter().logout(request)
    return redirect("/")


admin.site.logout = _leave  # type: ignore[method-assign,assignment]  # it answers with a redirect

# The dashboard's role puts jobs into the queue and may not read their events: the sync page tells of them.
admin.site.unregister(ProcrastinateJob)


def _check_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError("There is no such time zone. It is a name such as Europe/Lisbon.")


class PersonForm(UserChangeForm):  # type: ignore[type-arg]
    """A person, in a time zone that exists."""

    time_zone = forms.CharField(
        max_length=64, validators=[_check_zone], help_text="Their pages show times in it: Europe/Lisbon, UTC."
    )


@admin.register(User)
class PersonAdmin(UserAdmin):  # type: ignore[type-arg]
    """People, with their time zone. Who has rows in the audit is switched off, never deleted."""

    form = PersonForm
    fieldsets = (*(UserAdmin.fieldsets or ()), ("Pages", {"fields": ("time_zone",)}))
    list_display = ("username", "first_name", "last_name", "email", "is_active", "is_staff", "is_superuser")

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """With what was changed of a person's rights goes an entry in the trail."""
        super().save_related(request, form, formsets, change)
        forget_standing()
        changed = [name for name in form.changed_data if name in RIGHTS]
        if changed and isinstance(request.user, User):
            trail.right_changed(request.user, form.instance, f"changed: {', '.join(changed)}")


class MembershipInline(admin.TabularInline):  # type: ignore[type-arg]
    """The people of a team."""

    model = Membership
    extra = 0
    autocomplete_fields = ("user",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        """With the names that each is told by."""
        return super().get_queryset(request).select_related("user", "team")


@admin.register(Team)
class TeamAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Teams and who is in them."""

    list_display = ("name", "slug")
    search_fields = ("name", "slug")
    inlines = (MembershipInline,)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """With each change of who is in the team goes an entry in the trail."""
        before = dict(Membership.objects.filter(team=form.instance).values_list("pk", "role"))
        super().save_formset(request, form, formset, change)
        forget_standing()
        person = request.user if isinstance(request.user, User) else None
        for membership in formset.new_objects:
            trail.membership_changed(person, membership, None)
        for membership, _ in formset.changed_objects:
            trail.membership_changed(person, membership, before.get(membership.pk))
        for membership in formset.deleted_objects:
            trail.membership_ended(person, membership)


@admin.register(Project)
class ProjectAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Labels that teams charge costs on."""

    list_display = ("name", "team")
    list_select_related = ("team",)
    search_fields = ("name",)
    autocomplete_fields = ("team",)


@admin.register(Account)
class AccountAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Accounts, to look at: they are added, and given a key, below the sync page and by `add_account`."""

    list_display = ("label", "provider", "team", "owner", "last_ok_at", "paused_at", "key")
    list_select_related = ("team", "owner")
    search_fields = ("label",)
    readonly_fields = ("key",)

    @admin.display(description="Key")
    def key(self, account: Account) -> str:
        """Its last four characters at most."""
        return str(account.credential) if hasattr(account, "credential") else "none"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Account]:
        """With the keys' last characters; what is sealed of them stays in the database."""
        hidden = ("sealed_key", "wrapped_data_key", "wrapped_for")
        accounts = super().get_queryset(request).select_related("credential")
        return accounts.defer(*(f"credential__{name}" for name in hidden))

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Not here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Account | None = None) -> bool:  # noqa: ARG002
        """Not here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Account | None = None) -> bool:  # noqa: ARG002
        """Never: what was asked with it stays in the audit."""
        return False
