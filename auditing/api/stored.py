"""What is stored of a record, in its provider's own JSON."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import HttpResponse

from auditing.access import Refused
from auditing.models import Generation
from auditing.providers import PROVIDERS
from auditing.records import CreditsBasis, Outcome, Record, Status


def body_of(generation: Generation, waiting: Record) -> dict[str, Any]:
    """The provider's 200 for this record, fields in the order that its documentation has.

    - The last payload that the provider sent in a good answer, value by value; also when the provider has
      forgotten or refuses the video by now: that it is kept is what an audit is for.
    - Where that payload was erased: what the record's columns hold, in the provider's shape.
    - Where there was no good answer yet: `waiting`, a job whose status is the provider's first.

    Raises Refused where the provider's only answers were that there is no such video, or not for this key.
    """
    emit = PROVIDERS[generation.provider].emit
    if generation.status is None:
        _refused_by_provider(generation)
        return emit(generation.external_id, waiting)
    shaped = emit(generation.external_id, _record_of(generation))
    return shaped if generation.payload is None else _in_order_of(shaped, generation.payload)


def answer_with(body: Mapping[str, Any], synced_at: datetime | None, now: datetime) -> HttpResponse:
    """A 200 with this body. `Age`: how many seconds ago the provider said so; without one, it never did."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    response = HttpResponse(text, content_type="application/json")
    if synced_at is not None:
        response.headers["Age"] = age_at(synced_at, now)
    return response


def age_at(synced_at: datetime, now: datetime) -> str:
    """Whole seconds since then; 0 where another machine's clock makes it a time to come."""
    return str(max(0, int((now - synced_at).total_seconds())))


def _refused_by_provider(generation: Generation) -> None:
    provider = PROVIDERS[generation.provider]
    if generation.lookup.outcome == Outcome.DENIED:
        raise Refused(provider.refusal.http_status, provider.refusal.text)
    if generation.lookup.outcome in (Outcome.MISSING, Outcome.REJECTED):
        raise Refused(404, provider.missing_text)


def _record_of(generation: Generation) -> Record:
    """The columns as a record. Fields that are null are left out of the shape where the provider does so."""
    assert generation.status is not None  # noqa: S101 - asked by body_of
    basis = generation.credits_basis
    return Record(
        status=Status(generation.status),
        provider_status=generation.provider_status or generation.status,
        title=generation.title,
        description=generation.description,
        mode=generation.mode,
        resolution=generation.resolution,
        duration_milliseconds=generation.duration_milliseconds,
        output_url=generation.output_url,
        output_key=generation.output_key,
        thumbnail_url=generation.thumbnail_url,
        credits_thousandths=generation.credits_thousandths,
        credits_basis=CreditsBasis(basis) if basis else None,
        message=generation.message,
        error=generation.error,
        created_at=generation.created_at,
        updated_at=generation.updated_at,
        processing_started_at=generation.processing_started_at,
        processing_completed_at=generation.processing_completed_at,
        absent=frozenset(
            name
            for name, value in (
                ("updatedAt", generation.updated_at),
                ("outputKey", generation.output_key),
                ("error", generation.error),
            )
            if value is None
        ),
    )


def _in_order_of(shaped: Mapping[str, Any], payload: Mapping[str, Any]) -> dict[str, Any]:
    """The payload, which the database keeps in an order of its own, with its fields in the shape's order.

    Fields that the shape doesn't know come after those it does.
    """
    names = [*(name for name in shaped if name in payload), *(name for name in payload if name not in shaped)]
    return {
        name: _in_order_of(shaped[name], payload[name])
        if isinstance(payload[name], dict) and isinstance(shaped.get(name), dict)
        else payload[name]
        for name in names
    }
