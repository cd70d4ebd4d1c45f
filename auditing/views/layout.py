"""`/generations/columns/`: a person chooses columns, their order, density and page size of their list."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from auditing.columns import COLUMNS, LEADS, Column
from auditing.filters import PAGE_SIZES, PER_PAGE, GenerationFilter
from auditing.models import Density, User
from auditing.preferences import Layout, forget_layout, layout_of, remember_layout, remember_page_size
from auditing.views.pages import preference_of, render_page, signed_in, wants_part, zone_of

TEMPLATE = "auditing/layout.html"


@dataclass(frozen=True, slots=True)
class Choice:
    """One column of the form, and whether it is to be shown."""

    column: Column
    shown: bool

    @property
    def is_fixed(self) -> bool:
        """Whether it can't be left out."""
        return self.column == LEADS


@dataclass(frozen=True, slots=True)
class LayoutForm:
    """What the form says: every column in its order, density, rows a page."""

    choices: tuple[Choice, ...]
    density: Density
    per_page: int

    @classmethod
    def of(cls, layout: Layout) -> "LayoutForm":
        """The form for a layout: the columns it shows, then the others."""
        rest = [column for column in COLUMNS.values() if column not in layout.columns]
        choices = (*(Choice(column, True) for column in layout.columns), *(Choice(c, False) for c in rest))
        return cls(choices, layout.density, layout.per_page)

    @classmethod
    def posted(cls, post: QueryDict, layout: Layout) -> "LayoutForm":
        """The form as it was sent; what no form of ours sends stays as in the layout."""
        order = dict.fromkeys((*post.getlist("order"), *COLUMNS))
        shown = {*post.getlist("show"), LEADS.key}
        density, per_page = post.get("density", ""), post.get("per_page", "")
        return cls(
            tuple(Choice(COLUMNS[key], key in shown) for key in order if key in COLUMNS),
            Density(density) if density in Density.values else layout.density,
            _size(per_page) or layout.per_page,
        )

    def moved(self, wish: str) -> "LayoutForm":
        """The form with one column a place further up or down: `up owner`."""
        way, _, key = wish.partition(" ")
        choices = list(self.choices)
        place = next((n for n, choice in enumerate(choices) if choice.column.key == key), None)
        if place is not None:
            choices.insert(max(0, place + (-1 if way == "up" else 1)), choices.pop(place))
        return LayoutForm(tuple(choices), self.density, self.per_page)

    def remember(self, person: User) -> None:
        """Show the list like this from now on."""
        keys = [choice.column.key for choice in self.choices if choice.shown]
        remember_layout(person, keys, self.density, self.per_page)


@require_http_methods(["GET", "HEAD", "POST"])
def generation_layout(request: HttpRequest) -> HttpResponse:
    """The form. POST remembers it, or a page size alone, or forgets it, and leads back to the list; moving a
    column by its buttons shows the form again, with nothing remembered yet."""
    person = signed_in(request)
    layout = layout_of(preference_of(request))
    if request.method != "POST":
        return _form(request, LayoutForm.of(layout), request.GET.get("back", ""))
    asked = LayoutForm.posted(request.POST, layout)
    if "move" in request.POST:
        return _form(request, asked.moved(request.POST["move"]), request.POST.get("back", ""))
    if "reset" in request.POST:
        forget_layout(person)
        return _back(request, PER_PAGE)
    if "order" in request.POST:
        asked.remember(person)
    else:
        remember_page_size(person, asked.per_page)
    return _back(request, asked.per_page)


def _form(request: HttpRequest, form: LayoutForm, back: str) -> HttpResponse:
    part = "#form" if wants_part(request) else ""
    context = {"form": form, "sizes": PAGE_SIZES, "densities": Density.choices, "back": _query(request, back)}
    return render_page(request, TEMPLATE + part, context)


def _back(request: HttpRequest, per_page: int) -> HttpResponse:
    """To the list as it was, which asks for no page size of its own any more."""
    query = _query(request, request.POST.get("back", ""), per_page)
    return redirect(reverse("generation_list") + (f"?{query}" if query else ""))


def _query(request: HttpRequest, text: str, per_page: int = PER_PAGE) -> str:
    """A query string of the list that came along, in its canonical form: it leads nowhere else."""
    query = QueryDict(text, mutable=True)
    query.pop("per_page", None)
    return GenerationFilter.from_query(query, zone_of(request), per_page).canonical()


def _size(text: str) -> int | None:
    return next((size for size in PAGE_SIZES if str(size) == text), None)
