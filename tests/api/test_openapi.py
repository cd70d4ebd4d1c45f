"""The OpenAPI document says what the endpoints do: held against them by thousands of requests."""

import itertools
import json
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, cast

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from auditing.api.rates import LIMIT
from auditing.api.urls import urlpatterns
from auditing.exports import GENERATIONS
from auditing.filters.criteria import NARROWING
from auditing.filters.flags import FLAGS
from auditing.filters.relative import PERIODS
from auditing.models import RateWindow, Scope
from auditing.providers import PROVIDERS
from auditing.records import Outcome, Status
from tests.api.asking import a_token, asked
from tests.providers.responses import payload_bytes
from tests.views.cast import assemble, completed, registered

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
IDS = {
    "nanobanana": ("vid_alice", "vid_bob", "vid_new", "vid_never"),
    "reelbot": ("rb-alice", "rb-bob", "rb-new", "rb-gone", "a/b"),
}


def document() -> dict[str, Any]:
    said = asked("/api/v1/openapi.json")
    assert said.status == 200
    return cast(dict[str, Any], said.json)


@pytest.fixture
def texts(committed_db: str) -> Iterator[str]:  # noqa: ARG001 - the requests commit
    """Tokens without end: of every scope, of each one, one whose minute is used up, and none at all."""
    people = assemble()
    for provider, account in (("nanobanana", people.nano), ("reelbot", people.reel)):
        payload = json.loads(payload_bytes(f"{provider}-completed"))
        for external_id in IDS[provider][:2]:
            owner = people.alice if external_id.endswith("alice") else people.bob
            completed(account, external_id, owner, payload=payload)
    completed(people.reel, "a/b", people.alice, payload=None, message="Done", status="failed")
    registered(people.nano, "vid_new", people.alice, outcome=None)
    registered(people.reel, "rb-new", people.alice, outcome="unreachable")
    registered(people.reel, "rb-gone", people.alice, outcome="missing")
    single = [a_token(people.alice, people.team, scope) for scope in Scope]
    everything = [a_token(people.alice, people.team, *Scope) for _ in range(20)]
    worn_out = people.alice.tokens.latest("pk")
    RateWindow.objects.create(token=worn_out, opened_at=timezone.now() + timedelta(hours=1), used=LIMIT)
    return itertools.cycle([*everything, *single, "clip_unknown"])


@pytest.mark.usefixtures("people")
def test_every_endpoint_is_documented() -> None:
    """Each address below /api/v1/, with its methods: those of the document, and no others."""
    paths = document()["paths"]
    assert len(paths) == len(urlpatterns) - 1  # the last one answers for whatever is at none
    for path, operations in paths.items():
        address = "/api/v1" + path.format(provider="nanobanana", external_id="x", projectId="x")
        allowed = asked(address, method="TRACE").headers["Allow"].split(", ")
        assert {method.lower() for method in allowed} - {"head"} == set(operations)


def test_the_documents_words_are_the_programs() -> None:
    """Columns, statuses, outcomes and filters, in the order in which they are answered."""
    said = json.loads(Client().get("/api/v1/openapi.json").content)
    columns = said["components"]["schemas"]["Generation"]
    assert list(columns["properties"]) == columns["required"] == list(GENERATIONS.names)
    assert columns["properties"]["status"]["enum"] == [*Status, None]
    assert columns["properties"]["outcome"]["enum"] == [*Outcome, None]
    assert columns["properties"]["provider"]["enum"] == list(PROVIDERS)
    parameters = {each["name"]: each for each in said["paths"]["/generations"]["get"]["parameters"]}
    assert list(parameters) == [*NARROWING, "zone", "sort", "per_page", "after", "before", "format"]
    for name, words in (("flag", FLAGS), ("created", (*PERIODS, "~none")), ("registered", PERIODS)):
        schema = parameters[name]["schema"]
        assert schema.get("items", schema)["enum"] == list(words)


def test_the_document_names_the_readers_own_address() -> None:
    answer = Client().get("/api/v1/openapi.json", headers={"Host": "localhost:8517"})
    assert answer.json()["servers"] == [{"url": "http://localhost:8517/api/v1"}]


def test_no_request_gets_an_undocumented_answer(texts: Iterator[str], request: pytest.FixtureRequest) -> None:
    """As many requests as `--api-cases` says, spread over the endpoints: what the document lets
    expect, what it does not, and ids that there are. No 500, and nothing that the document doesn't say."""
    number = request.config.getoption("--api-cases")
    schema = schemathesis.openapi.from_dict(document())
    schema.app = get_wsgi_application()
    operations = [cast(Any, found).ok() for found in schema.get_all_operations()]
    answered: Counter[tuple[str, int]] = Counter()
    for operation in operations:
        takes_anything = operation.body or any(operation.iter_parameters())
        each = number // (len(operations) - 1) // 2 + 1
        for mode in GenerationMode if takes_anything else [GenerationMode.POSITIVE]:
            _try(operation.as_strategy(generation_mode=mode), each, texts, answered)
    assert answered.total() >= number
    assert {label for label, status in answered if status == 200} == {found.label for found in operations}
    assert {status for _, status in answered} >= {200, 400, 401, 403, 404, 429}


def is_ours(header: str) -> bool:
    """Whether a header is for the endpoint to read, and not for the server in front of it."""
    return header.lower() not in ("host", "content-length", "transfer-encoding", "connection", "expect")


def _try(
    cases: st.SearchStrategy[Case[Any]], number: int, texts: Iterator[str], answered: Counter[tuple[str, int]]
) -> None:
    """Send so many of these requests; each answer is held against the document."""

    @given(case=cases)
    @settings(
        max_examples=number,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def hold(case: Case[Any]) -> None:
        _name(case, answered.total())
        # These are between client and server; nothing of ours is asked when they are wrong.
        for name in [name for name in case.headers if not is_ours(name)]:
            del case.headers[name]
        text = next(texts)
        headers = {"Authorization": f"Bearer {text}", "X-API-Key": text}
        response = case.call_and_validate(checks=CHECKS, headers=headers)
        answered[case.operation.label, response.status_code] += 1

    hold()


def _name(case: Case[Any], number: int) -> None:
    """Put a record that there is in the place of a made-up one, in every other request for one."""
    path = case.operation.path
    provider = {"/video-status.php": "nanobanana", "/video/status/{projectId}": "reelbot"}.get(path)
    provider = provider or tuple(IDS)[number // 2 % 2]
    if number % 2 and path != "/generations" and (place := case.path_parameters or case.query):
        external_id = IDS[provider][number // 4 % len(IDS[provider])]
        names = {"provider": provider, **dict.fromkeys(("external_id", "projectId", "video_id"), external_id)}
        place.update({name: value for name, value in names.items() if name in place})
