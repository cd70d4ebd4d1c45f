"""The list's filter form: what each of its fields shows, and which of them are tucked away."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from auditing.filters import LOOKED_UP, Choices, Facets, GenerationFilter, Option
from auditing.filters.choices import MOST_OPTIONS
from auditing.filters.criterion import Values
from auditing.filters.days import DAYS, Days
from auditing.filters.facets import FACETS, Facet
from auditing.filters.fields import EXCLUDED, from_text
from auditing.filters.flags import FLAGS
from auditing.filters.ranges import RANGES
from auditing.filters.relative import PERIODS

PICKS = {
    "status": "Status",
    "provider": "Provider",
    "account": "Account",
    "owner": "Owner",
    "team": "Team",
    "project": "Project",
    "mode": "Mode",
    "resolution": "Resolution",
    "outcome": "Last lookup",
    "flag": "Flags",
    "tag": "Tags",
}
MORE_PICKS = {"provider_status": "Provider status", "credits_basis": "Credits basis"}
AMOUNTS = {
    "credits": "Credits",
    "duration": "Duration, seconds",
    "waiting": "Waited, seconds",
    "processing": "Processed, seconds",
}
MORE_DAYS = {"updated": "Last changed", "registered": "Registered here", "synced": "Last good lookup"}
BY_COUNT = ("account", "owner", "mode", "resolution")
UNCOUNTED = "—"
ALSO_UNKNOWN = ("duration", "waiting", "processing")


@dataclass(frozen=True, slots=True)
class Line:
    """One value to choose, and how many rows it has: `1,204`, `10,000+`, `—` if that was not counted, empty
    where nothing was."""

    option: Option
    count: str = ""


@dataclass(frozen=True, slots=True)
class Pick:
    """One column of the form, of which any of several values may be wanted, and none of others. Where it is
    not `listed`, there are more values than its lines: they were not looked up yet."""

    key: str
    label: str
    lines: tuple[Line, ...]
    error: str
    listed: bool = True

    @property
    def has_uncounted(self) -> bool:
        """Whether a value has more rows than time allowed to count."""
        return any(line.count == UNCOUNTED for line in self.lines)

    @property
    def most(self) -> int | None:
        """How many values are listed at most, where there may be more of them."""
        return MOST_OPTIONS if len(self.lines) >= MOST_OPTIONS else None


@dataclass(frozen=True, slots=True)
class AmountField:
    """A range: its two ends in thousandths (None: open), and a box for "not known" where there is one
    (`unknown` None: there is none). `error` is all that is wrong, `wrong` the keys that are."""

    name: str
    label: str
    least: int | None
    greatest: int | None
    unknown: bool | None
    error: str
    wrong: tuple[str, ...]

    @property
    def least_is_wrong(self) -> bool:
        """Whether the message is about the beginning."""
        return RANGES[self.name].keys[0] in self.wrong

    @property
    def greatest_is_wrong(self) -> bool:
        """Whether the message is about the end."""
        return RANGES[self.name].keys[1] in self.wrong


@dataclass(frozen=True, slots=True)
class DaysField:
    """Days: by a name out of `names` (value, words, selected), or from one date to another."""

    name: str
    label: str
    names: tuple[tuple[str, str, bool], ...]
    first: date | None
    last: date | None
    name_error: str
    first_error: str
    last_error: str


@dataclass(frozen=True, slots=True)
class Form:
    """All fields. `more_open` says that a field below "More filters" is active or wrong; `more_active`, how
    many parts of the filter are there. `carried` are parts of the filter that have no field; `listed` says
    that all values were looked up, `counted` that they have counts. `zone_error` says what was wrong with the
    zone of the days. One that `is_blank` is everybody's: nothing is asked, and nothing was looked up."""

    picks: tuple[Pick, ...]
    created: DaysField
    amounts: tuple[AmountField, ...]
    days: tuple[DaysField, ...]
    more_picks: tuple[Pick, ...]
    more_open: bool
    more_active: int
    carried: tuple[tuple[str, str], ...]
    listed: bool
    counted: bool
    zone_error: str
    is_blank: bool


def form_of(wanted: GenerationFilter, choices: Choices | None = None, facets: Facets | None = None) -> Form:
    """The form for a filter, with the choices of each column (None: they were not looked up), and their
    counts where there are any."""
    active = [key for key, _ in wanted.pairs()]
    tucked = _tucked_away()

    def picks(labels: Mapping[str, str]) -> tuple[Pick, ...]:
        lines = _Lines(wanted, choices or wanted.fixed_choices(), facets)
        return tuple(
            Pick(key, label, lines.of(key), _error(wanted, key), choices is not None or key not in LOOKED_UP)
            for key, label in labels.items()
        )

    return Form(
        picks=picks(PICKS),
        created=_days(wanted, "created", "Created"),
        amounts=tuple(_amount(wanted, name, label) for name, label in AMOUNTS.items()),
        days=tuple(_days(wanted, name, label) for name, label in MORE_DAYS.items()),
        more_picks=picks(MORE_PICKS),
        more_open=bool(tucked.intersection((*active, *wanted.errors))),
        more_active=sum(key in tucked for key in active),
        carried=tuple(pair for pair in wanted.pairs() if pair[0] in _without_a_field()),
        listed=choices is not None,
        counted=facets is not None,
        zone_error=wanted.errors.get("zone", ""),
        is_blank=not (wanted.narrows or wanted.errors or choices),
    )


def _tucked_away() -> frozenset[str]:
    """The keys of the fields below "More filters"."""
    groups = (
        MORE_PICKS,
        (f"{key}{EXCLUDED}" for key in MORE_PICKS),
        *(RANGES[name].keys for name in AMOUNTS),
        ALSO_UNKNOWN,
        *(DAYS[name].keys for name in MORE_DAYS),
    )
    return frozenset(key for group in groups for key in group)


def _without_a_field() -> frozenset[str]:
    """The keys that an address may have and the form has no field for."""
    return frozenset(("zone", *(f"{name}{EXCLUDED}" for name in ALSO_UNKNOWN)))


def _error(wanted: GenerationFilter, key: str) -> str:
    return " ".join(wanted.errors[name] for name in (key, f"{key}{EXCLUDED}") if name in wanted.errors)


@dataclass(frozen=True, slots=True)
class _Lines:
    """The lines of each column of a form."""

    wanted: GenerationFilter
    choices: Choices
    facets: Facets | None

    def of(self, key: str) -> tuple[Line, ...]:
        """The column's options, with counts where it has any."""
        options = _flags(self.wanted) if key == "flag" else self.choices[key]
        if self.facets is None or key not in FACETS:
            return tuple(map(Line, options))
        return tuple(_counted(key, options, self.facets[key]))


def _counted(key: str, options: tuple[Option, ...], facet: Facet) -> list[Line]:
    """The options with their counts; names by how many rows they have. Of very many, the first MOST_OPTIONS
    and those that are chosen."""
    counted = []
    for option in options:
        count = facet.of(from_text(option.value))
        counted.append((0 if count is None else count.number, Line(option, str(count or UNCOUNTED))))
    if key in BY_COUNT:
        counted.sort(key=lambda one: -one[0])
    return [
        line
        for place, (_, line) in enumerate(counted)
        if place < MOST_OPTIONS or line.option.selected or line.option.excluded
    ]


def _flags(wanted: GenerationFilter) -> tuple[Option, ...]:
    return tuple(
        Option(word, word.replace("_", " "), word in wanted.flag, word in wanted.flag_not) for word in FLAGS
    )


def _amount(wanted: GenerationFilter, name: str, label: str) -> AmountField:
    lowest, highest = RANGES[name].keys
    wrong = tuple(key for key in (name, lowest, highest) if key in wanted.errors)
    return AmountField(
        name=name,
        label=label,
        least=getattr(wanted, lowest),
        greatest=getattr(wanted, highest),
        unknown=None in getattr(wanted, name) if name in ALSO_UNKNOWN else None,
        error=" ".join(wanted.errors[key] for key in wrong),
        wrong=wrong,
    )


def _days(wanted: GenerationFilter, name: str, label: str) -> DaysField:
    days = DAYS[name]
    return days_field(days, label, {key: getattr(wanted, key) for key in days.keys}, wanted.errors)


def days_field(days: Days, label: str, values: Values, errors: Mapping[str, str]) -> DaysField:
    """The field of a moment's days, with the values and errors of its keys."""
    named, start, end = days.keys
    words = {key: period.words.removeprefix("in the ") for key, period in PERIODS.items()}
    names = (("", "any day"), *((key, words.get(key, "not known")) for key in days.names))
    return DaysField(
        name=days.name,
        label=label,
        names=tuple((value, said, value == values[named]) for value, said in names),
        first=values[start],
        last=values[end],
        name_error=errors.get(named, ""),
        first_error=errors.get(start, ""),
        last_error=errors.get(end, ""),
    )
