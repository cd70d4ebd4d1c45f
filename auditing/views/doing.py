"""What can be done with chosen rows: with which of them, what to say before, and what came of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.http import QueryDict

from auditing.access import rows_to_note, rows_to_refresh, rows_to_tag
from auditing.annotating import add_note, add_tag, note_text, tag_name
from auditing.models import Generation, User
from auditing.sync_health import Wishes, ask_for_records


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it, as sentences; where looks were asked for, at which rows and when."""

    said: str
    wished: tuple[int, ...] = ()
    asked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing to do with rows. `may` are the rows that a person may do it to; `check` raises NotWritten for
    what was typed into `field` and can't be; `do` does it to rows of `may`, in this transaction."""

    key: str
    may: Callable[[User], QuerySet[Generation]]
    do: Callable[[User, QuerySet[Generation], str], Done]
    field: str = ""
    check: Callable[[str], str] = str

    def typed(self, form: QueryDict) -> str:
        """What was typed for it."""
        return form.get(self.field, "") if self.field else ""


def _refresh(person: User, rows: QuerySet[Generation], _typed: str) -> Done:
    wishes = ask_for_records(person, rows)
    return Done(_said_of(wishes), wishes.asked, wishes.asked_at)


def _note(person: User, rows: QuerySet[Generation], typed: str) -> Done:
    return Done(f"The note is on {counted(add_note(person, _ids(rows), typed))}.")


def _tag(person: User, rows: QuerySet[Generation], typed: str) -> Done:
    ids = _ids(rows)
    added = add_tag(person, ids, typed)
    had = f" {_figure(len(ids) - added)} had it already." if added < len(ids) else ""
    return Done(f"The tag {tag_name(typed)} is put on {counted(added)}.{had}")


def _ids(rows: QuerySet[Generation]) -> list[int]:
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _said_of(wishes: Wishes) -> str:
    """How many looks were asked for, what keeps others back, and whether anybody is there to make them."""
    said = []
    if wishes.asked:
        accounts = "1 account" if wishes.accounts == 1 else f"{wishes.accounts} accounts"
        said.append(f"Asked for a look at {counted(len(wishes.asked))}, at {accounts}.")
        if not wishes.has_worker:
            said.append("No worker is running: the wishes stay in the queue until one starts.")
    if wishes.kept_back:
        labels = ", ".join(wishes.labels)
        said.append(f"Nothing would be sent now for {counted(wishes.kept_back)}: {labels} has to wait.")
    return " ".join(said)


def counted(number: int) -> str:
    """So many generations."""
    return "1 generation" if number == 1 else f"{_figure(number)} generations"


def _figure(number: int) -> str:
    return f"{number:,}"


DEEDS: Mapping[str, Deed] = {
    "refresh": Deed("refresh", rows_to_refresh, _refresh),
    "note": Deed("note", rows_to_note, _note, "text", note_text),
    "tag": Deed("tag", rows_to_tag, _tag, "tag", tag_name),
}
