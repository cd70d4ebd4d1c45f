"""Whatever is done to history is found, and named; nothing is, when nothing was done."""

from pathlib import Path
from random import Random

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import transaction

from auditing.verification import checkpoints, verify
from auditing.verification.checkpoints import Checkpoint
from tests.history.attacker import ANYWHERE, Attack, Attacker
from tests.history.attacks import SEEN_BY_THE_CHAIN
from tests.history.chains import START
from tests.history.conftest import Stage
from tests.history.forgeries import SEEN_BY_A_CHECKPOINT

ATTACKS = SEEN_BY_THE_CHAIN + SEEN_BY_A_CHECKPOINT
CLEAN_EVERY = 20


@pytest.fixture
def checkpoint(stage: Stage, tmp_path: Path) -> Checkpoint:  # noqa: ARG001
    """A checkpoint of the untouched chains, written and read."""
    key = Ed25519PrivateKey.generate()
    checkpoints.write(tmp_path / "checkpoint.json", verify().chains, key, START)
    return checkpoints.read(tmp_path / "checkpoint.json", checkpoints.public_key_of(key))


def fault_after(attack: Attack, attacker: Attacker, checkpoint: Checkpoint) -> str:
    """Attack, verify, undo. "" if it was found where it must be, and by what it must take to find it."""
    with transaction.atomic():
        place = attack(attacker)
        findings = verify().findings
        if attack in SEEN_BY_A_CHECKPOINT:
            if findings:
                transaction.set_rollback(True)
                return f"was meant to leave no trace in the database, but: {findings[0]}"
            findings = verify(anchors=checkpoint.anchors).findings
        transaction.set_rollback(True)
    if not findings:
        return "was not found"
    first = findings[0]
    if place not in (ANYWHERE, first.sequence) or (place and first.account != attacker.stage.account.label):
        return f"was done to link {place}, but found as: {first}"
    return ""


def test_every_tampering_is_found_and_a_clean_history_raises_no_alarm(
    stage: Stage, checkpoint: Checkpoint, request: pytest.FixtureRequest
) -> None:
    """As many attacks as `--tampering` says, each kind in turn, each with its own random choices."""
    number_of_attacks = request.config.getoption("--tampering")
    missed = []
    for number in range(number_of_attacks):
        attack = ATTACKS[number % len(ATTACKS)]
        luck = Random(number)  # noqa: S311 - to be repeated
        if fault := fault_after(attack, Attacker(stage, luck), checkpoint):
            missed.append(f"attack {number}, {attack.__name__}: {fault}")
        if number % CLEAN_EVERY == 0:
            assert verify(anchors=checkpoint.anchors).findings == []
    assert missed == []
    assert verify(anchors=checkpoint.anchors).findings == []
