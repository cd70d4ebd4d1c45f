"""Extra ids for benchmarks: as many as wanted, kept nowhere, answered like any other."""

from hypothesis import given
from hypothesis import strategies as st

from auditing.sandbox.extra import ExtraIds
from auditing.sandbox.world import World
from tests.sandbox.conftest import Serve, bearer, key

PATH = "/api/v1/video-status.php"


def test_ids_are_distinct_and_lead_back_to_their_index() -> None:
    extra = ExtraIds(seed=7, count=20_000)
    ids = list(extra)
    assert len(set(ids)) == 20_000
    assert [extra.index(name) for name in ids] == list(range(20_000))


@given(st.text() | st.from_regex(r"vid_[0-9a-f]{12}", fullmatch=True))
def test_other_ids_have_no_index(name: str) -> None:
    assert ExtraIds(seed=7, count=0).index(name) is None


def test_only_the_exact_spelling_counts() -> None:
    extra = ExtraIds(seed=7, count=50)
    for digits in (name.removeprefix("vid_") for name in extra):
        variants = [
            digits,
            f"vid_0x{digits}",
            f"vid_+{digits}",
            f"vid_{digits[:4]}_{digits[4:]}",
            f"vid_{digits}\n",
        ]
        variants += [f"vid_{digits.upper()}"] if digits.upper() != digits else []
        assert {extra.index(variant) for variant in variants} == {None}


def test_extra_jobs_are_completed_and_belong_to_the_first_account(serve: Serve, world: World) -> None:
    client = serve(world, extra=1000)
    headers = bearer(key(world, "northlight-nano"))
    for name in list(ExtraIds(world.seed, 1000))[::250]:
        video = client.get(PATH, params={"video_id": name}, headers=headers).json()["video"]
        assert (video["id"], video["status"]) == (name, "completed")
        assert name in video["output_url"]
        assert name in video["thumbnail_url"]
        refused = client.get(PATH, params={"video_id": name}, headers=bearer(key(world, "harbor-nano")))
        assert refused.status_code == 403


def test_without_extra_jobs_their_ids_are_not_found(serve: Serve, world: World) -> None:
    name = next(iter(ExtraIds(world.seed, 1)))
    answer = serve(world).get(PATH, params={"video_id": name}, headers=bearer(key(world, "northlight-nano")))
    assert answer.status_code == 404
