"""Attacks that leave a history consistent in itself: found by an earlier checkpoint alone."""

import json

from tests.history.attacker import ANYWHERE, Attack, Attacker, change_member
from tests.history.attacks import removed_and_closed_up, the_generation, the_http_status, the_time
from tests.history.chains import compute_anew, grow, keep_records, sql
from tests.history.conftest import LINKS


def forged(attacker: Attacker) -> int:
    """Change a payload, and compute the whole rest anew: nothing in the database tells."""
    sequence = attacker.with_payload()
    payload = attacker.payload_of(sequence)
    change_member(payload, attacker.chance)
    attacker.set(sequence, "payload = %s", json.dumps(payload))
    _cover_up(attacker)
    return LINKS


def forged_by_a_field(attacker: Attacker) -> int:
    change = attacker.chance.choice([the_time, the_http_status, the_generation])
    change(attacker)
    _cover_up(attacker)
    return LINKS


def forged_by_omission(attacker: Attacker) -> int:
    """Remove links, close up, and go on until the chain is at least as long as it was."""
    removed_and_closed_up(attacker)
    _cover_up(attacker)
    grow(attacker.stage.account_id, attacker.more(5 + attacker.chance.randint(0, 3)), attacker.chance)
    return LINKS


def rolled_back(attacker: Attacker) -> int:
    """Bring back an older state, wholly consistent in itself."""
    left = attacker.chance.randint(0, LINKS - 1)
    attacker.delete("sequence > %s", left)
    attacker.head_to(left)
    keep_records()
    return left


def rolled_back_and_gone_on(attacker: Attacker) -> int:
    """Bring back an older state, and let others be written until the chain is as long again."""
    left = rolled_back(attacker)
    number = LINKS - left + attacker.chance.randint(0, 3)
    grow(attacker.stage.account_id, attacker.more(number), attacker.chance)
    return LINKS


def the_account_with_all_of_it(attacker: Attacker) -> int:
    """Leave nothing behind of an account."""
    account_id = attacker.stage.account_id
    for table in ("observation", "chainhead", "credential", "lookup", "generation"):
        by = "generation_id IN (SELECT id FROM auditing_generation WHERE account_id = %s)"
        condition = by if table == "lookup" else "account_id = %s"
        sql(f"DELETE FROM auditing_{table} WHERE {condition}", account_id)  # noqa: S608
    sql("DELETE FROM auditing_account WHERE id = %s", account_id)
    return ANYWHERE


def _cover_up(attacker: Attacker) -> None:
    compute_anew(attacker.stage.account_id)
    keep_records()


SEEN_BY_A_CHECKPOINT: tuple[Attack, ...] = (
    forged,
    forged_by_a_field,
    forged_by_omission,
    rolled_back,
    rolled_back_and_gone_on,
    the_account_with_all_of_it,
)
"""Consistent in themselves: found by an earlier checkpoint alone."""
