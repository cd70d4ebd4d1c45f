"""Who gets in with a token, what the others are told, and who acts meanwhile."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.test import RequestFactory
from django.utils import timezone

from auditing.access import Bearer, visible_to
from auditing.api.answers import ApiRefusal, by_method
from auditing.api.authentication import from_header, with_token
from auditing.models import Membership, Project, Scope
from auditing.tokens import revoke
from tests.api.conftest import Token
from tests.views.cast import Cast, completed


def asked(view: Any, text: str | None = None, method: str = "GET", **headers: str) -> HttpResponseBase:
    if text is not None:
        headers["Authorization"] = f"Bearer {text}"
    response: HttpResponseBase = view(RequestFactory().generic(method, "/api/v1/x", headers=headers))
    return response


def said(response: HttpResponseBase) -> dict[str, Any]:
    assert isinstance(response, HttpResponse)
    body: dict[str, Any] = json.loads(response.content)
    return body


@with_token(Scope.READ)
def ids(_request: HttpRequest, bearer: Bearer) -> HttpResponse:
    return HttpResponse(",".join(sorted(row.external_id for row in visible_to(bearer))))


def test_a_token_lets_its_bearer_see_what_its_person_sees(people: Cast, token: Token) -> None:
    completed(people.nano, "vid_alice", people.alice)
    completed(people.nano, "vid_bob", people.bob)
    completed(people.other_nano, "vid_otto", people.otto)
    assert asked(ids, token(people.alice, people.team)).content == b"vid_alice"  # type: ignore[attr-defined]
    answer = asked(ids, token(people.rita, people.team))
    assert answer.content == b"vid_alice,vid_bob"  # type: ignore[attr-defined]
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer  ", "Basic YTpi", "clip_abc", "Bearer a b"])
def test_without_a_token_one_is_asked_for(header: str, people: Cast) -> None:  # noqa: ARG001
    answer = asked(ids, Authorization=header)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="clipledger"'
    assert (answer.headers["Content-Type"], answer.headers["Cache-Control"]) == (
        "application/json",
        "no-store",
    )
    body = said(answer)
    assert (body["success"], body["code"]) == (False, "token_required")
    assert set(body) == {"success", "code", "error"}


def test_whatever_is_wrong_with_a_token_the_answer_is_the_same(people: Cast, token: Token) -> None:
    ended, left, off = (token(person, people.team) for person in (people.alice, people.bob, people.max))
    revoke(people.alice, people.alice.tokens.get().pk, timezone.now())
    Membership.objects.filter(user=people.bob).delete()
    people.max.is_active = False
    people.max.save()
    answers = [asked(ids, text) for text in (ended, left, off, "clip_nothing", ended[:-1] + "?")]
    assert {answer.status_code for answer in answers} == {401}
    assert len({(answer.content, str(answer.headers)) for answer in answers}) == 1  # type: ignore[attr-defined]
    assert said(answers[0])["code"] == "invalid_token"


def test_a_token_made_for_something_else_is_told_which_scope_is_missing(people: Cast, token: Token) -> None:
    answer = asked(ids, token(people.alice, people.team, Scope.INTAKE))
    assert (answer.status_code, said(answer)["code"]) == (403, "insufficient_scope")
    assert 'scope="read"' in answer.headers["WWW-Authenticate"]


def test_a_session_opens_nothing(people: Cast) -> None:
    """The view asks for a token whoever has signed in, and the session's person never acts."""
    request = RequestFactory().get("/api/v1/x")
    request.user = people.rita
    assert ids(request).status_code == 401
    assert (ids.login_required, ids.csrf_exempt, ids.acts_itself) == (False, True, True)  # type: ignore[attr-defined]


def test_a_stream_is_read_as_its_bearer(people: Cast, token: Token) -> None:
    @with_token(Scope.READ)
    def streamed(_request: HttpRequest, bearer: Bearer) -> StreamingHttpResponse:
        def lines() -> Iterator[bytes]:
            with connection.cursor() as cursor:
                cursor.execute("SELECT current_setting('clipledger.team', true)")
                yield str(cursor.fetchone()[0]).encode()
            yield from (row.external_id.encode() for row in visible_to(bearer))

        return StreamingHttpResponse(lines())

    completed(people.nano, "vid_alice", people.alice)
    answer = asked(streamed, token(people.alice, people.team))
    assert isinstance(answer, StreamingHttpResponse)
    assert answer.getvalue() == f"{people.team.pk}vid_alice".encode()


def test_an_answer_of_5xx_undoes_what_was_written(people: Cast, token: Token) -> None:
    @with_token(Scope.READ)
    def failing(_request: HttpRequest, bearer: Bearer, /, status: int) -> HttpResponse:
        Project.objects.create(team_id=bearer.team_id, name=str(status))
        return HttpResponse(status=status)

    for status in (200, 503):
        request = RequestFactory().get(
            "/", headers={"Authorization": f"Bearer {token(people.max, people.team)}"}
        )
        assert failing(request, status=status).status_code == status
    assert [project.name for project in Project.objects.all()] == ["200"]


def test_an_endpoint_may_read_another_header_and_refuse_in_another_shape(people: Cast, token: Token) -> None:
    def shape(refusal: ApiRefusal) -> HttpResponse:
        return HttpResponse(json.dumps({"message": refusal.error}))

    @with_token(Scope.READ, read=from_header("X-API-Key"), shape=shape)
    def like_a_provider(_request: HttpRequest, bearer: Bearer) -> HttpResponse:
        return HttpResponse(bearer.user.username)

    text = token(people.alice, people.team)
    assert asked(like_a_provider, **{"X-API-Key": text}).content == b"alice"  # type: ignore[attr-defined]
    answer = asked(like_a_provider, text)
    assert (answer.status_code, set(said(answer))) == (401, {"message"})


def test_one_address_answers_by_method(people: Cast, token: Token) -> None:
    view = by_method(GET=ids)
    text = token(people.alice, people.team)
    assert asked(view, text).status_code == asked(view, text, "HEAD").status_code == 200
    answer = asked(view, text, "DELETE")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")
    assert said(answer)["code"] == "method_not_allowed"
