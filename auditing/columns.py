"""Every column that the list of generations can show: its words, width, sort, and what it stands for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of the list. Its cell is the function of its key in `templatetags/cells.py`.

    `sort` is the sort that its head offers, where there is one; `exports` are the columns of a file that say
    what it shows; `width` is in rem, and a column that `stretches` takes what is left beside. `needs` are
    rows that have to be read for it beside the list's own (`filters.rows`). `usual` columns are shown until a
    person chooses; of these, one that `gives_way` is left out where there is little room.
    """

    key: str
    label: str
    width: float
    sort: str = ""
    exports: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    is_number: bool = False
    stretches: bool = False
    usual: bool = False
    gives_way: bool = False


_COLUMNS = (
    Column(key="thumbnail", label="Preview", width=6.25, exports=("thumbnail_url",), usual=True),
    Column(
        key="title",
        label="Title",
        width=15,
        sort="title",
        exports=("title", "external_id"),
        stretches=True,
        usual=True,
    ),
    Column(
        key="status",
        label="Status",
        width=8.25,
        sort="status",
        exports=("status", "provider_status", "outcome"),
        usual=True,
    ),
    Column(key="owner", label="Owner", width=8.75, sort="owner", exports=("owner", "team"), usual=True),
    Column(
        key="made",
        label="Made as",
        width=12.75,
        sort="duration_seconds",
        exports=("duration_seconds", "resolution", "mode", "provider", "account"),
        usual=True,
        gives_way=True,
    ),
    Column(
        key="credits",
        label="Credits",
        width=6.5,
        sort="credits_used",
        exports=("credits_used", "credits_basis"),
        is_number=True,
        usual=True,
    ),
    Column(key="created", label="Created", width=6.5, sort="created_at", exports=("created_at",), usual=True),
    Column(
        key="looked_up",
        label="Looked up",
        width=6.25,
        exports=("outcome", "synced_at"),
        usual=True,
        gives_way=True,
    ),
    Column(key="team", label="Team", width=9, exports=("team",)),
    Column(key="account", label="Account", width=10, exports=("account",)),
    Column(key="project", label="Project", width=10, exports=("project",)),
    Column(key="provider", label="Provider", width=10, sort="provider", exports=("provider",)),
    Column(key="mode", label="Mode", width=9, exports=("mode",)),
    Column(key="resolution", label="Resolution", width=7, exports=("resolution",)),
    Column(
        key="duration",
        label="Duration",
        width=7,
        sort="duration_seconds",
        exports=("duration_seconds",),
        is_number=True,
    ),
    Column(key="prompt", label="Prompt", width=18, exports=("description",)),
    Column(key="message", label="Message", width=14, exports=("message",)),
    Column(key="error", label="Error", width=16, exports=("error",)),
    Column(
        key="waiting",
        label="Waited",
        width=7,
        sort="waiting_seconds",
        exports=("created_at", "processing_started_at"),
        is_number=True,
    ),
    Column(
        key="processing",
        label="Ran",
        width=7,
        sort="processing_seconds",
        exports=("processing_started_at", "processing_completed_at"),
        is_number=True,
    ),
    Column(key="updated", label="Updated", width=6.5, sort="updated_at", exports=("updated_at",)),
    Column(key="started", label="Started", width=6.5, exports=("processing_started_at",)),
    Column(key="completed", label="Completed", width=7, exports=("processing_completed_at",)),
    Column(key="registered", label="Registered", width=7, sort="registered_at"),
    Column(key="outcome", label="Last lookup", width=9.5, exports=("outcome",)),
    Column(key="synced", label="Last good lookup", width=9, exports=("synced_at",)),
    Column(key="tags", label="Tags", width=11, needs=("tags",)),
)

COLUMNS: Mapping[str, Column] = {column.key: column for column in _COLUMNS}
USUAL = tuple(column for column in _COLUMNS if column.usual)
# What leads to a record is always there.
LEADS = COLUMNS["title"]


def chosen(keys: Iterable[str]) -> tuple[Column, ...]:
    """The columns of these keys, each once, in this order, and always the one that leads to the record;
    the usual ones where none of the keys is known."""
    known = tuple(COLUMNS[key] for key in dict.fromkeys(keys) if key in COLUMNS)
    if not known:
        return USUAL
    return known if LEADS in known else (LEADS, *known)


def width_of(columns: Iterable[Column]) -> float:
    """The room that these columns take, in rem."""
    return sum(column.width for column in columns)


def exports_of(columns: Iterable[Column]) -> tuple[str, ...]:
    """The columns of a file that say what these columns show: each once, in their order."""
    return tuple(dict.fromkeys(name for column in columns for name in column.exports))
