"""What a record's page shows of its refund: how it stands, what led to it, and the form of a manager."""

from dataclasses import dataclass

from auditing.access import Rights
from auditing.findings import Stands
from auditing.models import Generation, RefundState, RefundStep
from auditing.refunding import may_be_claimed, refund_of, standing
from auditing.views import addresses
from auditing.views.refund_table import Marking
from auditing.views.refund_words import followed_by, refund_words


@dataclass(frozen=True, slots=True)
class RefundCard:
    """How it stands (None: there is nothing to it so far), what it comes to in words, and every step, the
    latest first; `action` is where the form is sent, empty for who may not mark it."""

    state: RefundState | None
    words: str
    steps: tuple[RefundStep, ...]
    action: str
    value: str
    states: tuple[tuple[str, str, bool], ...]
    sent: Marking


def refund_card(generation: Generation, rights: Rights, sent: Marking | None = None) -> RefundCard | None:
    """The card; None for a record without a refund that this person could not mark either."""
    refund, state = refund_of(generation), standing(generation)
    may = rights.claim and may_be_claimed(generation)
    if not (refund or state or may):
        return None
    stands = Stands(state.value) if state else Stands.OPEN
    wanted = (sent and sent.state) or followed_by(stands)
    return RefundCard(
        state=state,
        words=refund_words(generation, stands),
        steps=tuple(_steps(generation)) if refund else (),
        action=addresses.of_refund(generation.provider, generation.external_id, generation.team.slug)
        if may
        else "",
        value=f"{generation.pk}:{refund.version if refund else 0}",
        states=tuple((one.value, str(one.label), one is wanted) for one in RefundState),
        sent=sent or Marking(),
    )


def _steps(generation: Generation) -> list[RefundStep]:
    steps = generation.refund_steps.select_related("marked_by").defer("marked_by__password")
    return list(steps.order_by("-version"))
