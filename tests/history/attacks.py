"""Attacks on single links, their order and their end: found by what is in the database alone."""

import json

from tests.history.attacker import ANYWHERE, Attack, Attacker, change_member
from tests.history.chains import EMPTIABLE, keep_records, sql
from tests.history.conftest import ERASED, IDS, LINKS


def a_byte(attacker: Attacker, column: str, length: int, sequence: int) -> int:
    """Change one byte of a column."""
    at, by = attacker.chance.randrange(length), attacker.chance.randint(1, 255)
    attacker.set(sequence, f"{column} = set_byte({column}, %s, get_byte({column}, %s) # %s)", at, at, by)
    return sequence


def a_byte_of_the_hash(attacker: Attacker) -> int:
    return a_byte(attacker, "hash", 32, attacker.any_link())


def a_byte_of_the_hash_before(attacker: Attacker) -> int:
    return a_byte(attacker, "previous_hash", 32, attacker.any_link())


def a_byte_of_the_digest(attacker: Attacker) -> int:
    return a_byte(attacker, "payload_digest", 32, attacker.any_link())


def a_byte_of_the_salt(attacker: Attacker) -> int:
    return a_byte(attacker, "payload_salt", 16, attacker.with_payload())


def a_shorter_field(attacker: Attacker) -> int:
    column = attacker.chance.choice(["hash", "previous_hash", "payload_digest"])
    sequence = attacker.any_link()
    attacker.set(sequence, f"{column} = substr({column}, 1, %s)", attacker.chance.randrange(32))
    return sequence


def a_field_emptied(attacker: Attacker) -> int:
    column = attacker.chance.choice(EMPTIABLE)
    sequence = attacker.any_link()
    attacker.set(sequence, f"{column} = NULL")
    return ANYWHERE if column == "account_id" else sequence


def the_time(attacker: Attacker) -> int:
    sequence, by = attacker.any_link(), attacker.chance.choice([1, -1, 1000, 10**6, 3600 * 10**6])
    attacker.set(sequence, "observed_at = observed_at + %s * interval '1 microsecond'", by)
    return sequence


def a_time_out_of_bounds(attacker: Attacker) -> int:
    sequence = attacker.any_link()
    attacker.set(
        sequence, "observed_at = %s", attacker.chance.choice(["infinity", "-infinity", "0044-03-15 BC"])
    )
    return sequence


def the_http_status(attacker: Attacker) -> int:
    sequence = attacker.any_link()
    attacker.set(sequence, "http_status = http_status + %s", attacker.chance.choice([-200, -1, 1, 204]))
    return sequence


def the_generation(attacker: Attacker) -> int:
    sequence = attacker.any_link()
    attacker.set(
        sequence,
        "generation_id = (SELECT id FROM auditing_generation AS g WHERE g.id <> generation_id"
        " ORDER BY md5(g.id::text || %s) LIMIT 1)",
        str(attacker.chance.random()),
    )
    return sequence


def the_external_id(attacker: Attacker) -> int:
    """Give the record of a link another id."""
    account_id, sequence = attacker.stage.account_id, attacker.any_link()
    ((generation_id,),) = sql(
        """UPDATE auditing_generation SET external_id = external_id || 'x' WHERE id = (
            SELECT generation_id FROM auditing_observation WHERE account_id = %s AND sequence = %s)
        RETURNING id""",
        account_id, sequence,
    )  # fmt: skip
    ((first,),) = sql(
        "SELECT min(sequence) FROM auditing_observation WHERE account_id = %s AND generation_id = %s",
        account_id, generation_id,
    )  # fmt: skip
    return int(first)


def the_sequence(attacker: Attacker) -> int:
    sequence = attacker.any_link()
    to = attacker.chance.choice([0, -sequence, LINKS + attacker.chance.randint(1, 9), sequence + 2**40])
    attacker.move(sequence, to)
    return 1 if to <= 0 else sequence


def the_account(attacker: Attacker) -> int:
    sequence = attacker.any_link()
    attacker.set(sequence, "account_id = %s, sequence = 8", attacker.stage.other.pk)
    return ANYWHERE


def somewhere_in_the_payload(attacker: Attacker) -> int:
    """Change, add or remove one member, at any depth."""
    sequence = attacker.with_payload()
    payload = attacker.payload_of(sequence)
    change_member(payload, attacker.chance)
    attacker.set(sequence, "payload = %s", json.dumps(payload))
    return sequence


def the_payload_for_another_thing(attacker: Attacker) -> int:
    """Put something there that no provider's payload is."""
    sequence = attacker.with_payload()
    deep = '{"a":' * 3000 + "{}" + "}" * 3000
    numbers = ['{"a": 1e400}', '{"a": 0.10000000000000000000001}', '{"a": 1152921504606846981, "b": 0.5}']
    odd = ["null", "[]", "{}", '"text"', "7", *numbers, deep]
    attacker.set(sequence, "payload = %s", attacker.chance.choice([*odd, '{"a": %s.5}' % ("9" * 400)]))
    return sequence


def a_payload_from_elsewhere(attacker: Attacker) -> int:
    """Give a link another one's payload, with its salt or without."""
    one, other = attacker.chance.sample([n for n in range(1, LINKS + 1) if n != ERASED], 2)
    columns = attacker.chance.choice(
        ["payload = o.payload", "payload = o.payload, payload_salt = o.payload_salt"]
    )
    sql(
        f"UPDATE auditing_observation AS l SET {columns} FROM auditing_observation AS o"  # noqa: S608
        " WHERE l.account_id = %s AND l.sequence = %s AND o.account_id = l.account_id AND o.sequence = %s",
        attacker.stage.account_id, one, other,
    )  # fmt: skip
    return one


def removed(attacker: Attacker) -> int:
    sequence = attacker.chance.randint(1, LINKS - 1)
    attacker.delete("sequence = %s", sequence)
    return sequence


def removed_and_closed_up(attacker: Attacker) -> int:
    """Remove links, and number the rest so that no gap is left; let the head agree."""
    first = attacker.chance.randint(1, LINKS - 1)
    last = attacker.chance.randint(first, min(first + 4, LINKS - 1))
    attacker.delete("sequence BETWEEN %s AND %s", first, last)
    for sequence in range(last + 1, LINKS + 1):
        attacker.move(sequence, sequence - (last - first + 1))
    if attacker.chance.random() < 0.5:
        _relink(attacker, first)
    attacker.head_to(LINKS - (last - first + 1))
    return first


def _relink(attacker: Attacker, sequence: int) -> None:
    """Let a link name the one that is before it now, without hashing it anew."""
    account_id = attacker.stage.account_id
    before = sql(
        "SELECT hash FROM auditing_observation WHERE account_id = %s AND sequence = %s",
        account_id,
        sequence - 1,
    )
    attacker.set(sequence, "previous_hash = %s", before[0][0] if before else bytes(32))


def swapped(attacker: Attacker) -> int:
    one, other = sorted(attacker.chance.sample(range(1, LINKS + 1), 2))
    attacker.swap(one, other)
    return one


def repeated(attacker: Attacker) -> int:
    """Add a copy of a link behind the last one."""
    sql(
        """INSERT INTO auditing_observation (account_id, sequence, generation_id, team_id, observed_at,
            http_status, payload, payload_salt, payload_digest, previous_hash, hash)
        SELECT account_id, %s, generation_id, team_id, observed_at, http_status, payload, payload_salt,
            payload_digest, previous_hash, hash
        FROM auditing_observation WHERE account_id = %s AND sequence = %s""",
        LINKS + 1, attacker.stage.account_id, attacker.any_link(),
    )  # fmt: skip
    if attacker.chance.random() < 0.5:
        attacker.head_to(LINKS + 1)
    return LINKS + 1


def cut(attacker: Attacker) -> int:
    """Remove the tail, and forget the head."""
    left = attacker.chance.randint(0, LINKS - 1)
    attacker.delete("sequence > %s", left)
    keep_records()
    return ANYWHERE


def cut_with_its_head(attacker: Attacker) -> int:
    """Remove the tail and let the head agree, but leave the records as they are."""
    left = attacker.chance.randint(0, LINKS - 1)
    attacker.delete("sequence > %s", left)
    attacker.head_to(left)
    return ANYWHERE


def the_head(attacker: Attacker) -> int:
    change = attacker.chance.choice(
        ["sequence = sequence + 1", "sequence = 3", "hash = set_byte(hash, 5, get_byte(hash, 5) # 64)"]
    )
    sql(f"UPDATE auditing_chainhead SET {change} WHERE account_id = %s", attacker.stage.account_id)  # noqa: S608
    return LINKS


def no_head(attacker: Attacker) -> int:
    sql("DELETE FROM auditing_chainhead WHERE account_id = %s", attacker.stage.account_id)
    return ANYWHERE


def the_team(attacker: Attacker) -> int:
    sequence = attacker.any_link()
    attacker.set(sequence, "team_id = (SELECT id FROM auditing_team AS t WHERE t.id <> team_id)")
    return sequence


def what_a_record_says(attacker: Attacker) -> int:
    """Change a record's payload or the digest of it; leave its last observation."""
    sequence = attacker.chance.randint(LINKS - len(IDS) + 1, LINKS)
    change = attacker.chance.choice(
        [
            "generation SET payload = jsonb_set(payload, '{video,credits_used}', '0.25') WHERE id",
            "generation SET payload = NULL WHERE id",
            "lookup SET seen_digest = sha256(seen_digest) WHERE generation_id",
        ]
    )
    sql(
        f"UPDATE auditing_{change} ="  # noqa: S608
        " (SELECT generation_id FROM auditing_observation WHERE account_id = %s AND sequence = %s)",
        attacker.stage.account_id, sequence,
    )  # fmt: skip
    return sequence


SEEN_BY_THE_CHAIN: tuple[Attack, ...] = (
    a_byte_of_the_hash,
    a_byte_of_the_hash_before,
    a_byte_of_the_digest,
    a_byte_of_the_salt,
    a_shorter_field,
    a_field_emptied,
    the_time,
    a_time_out_of_bounds,
    the_http_status,
    the_generation,
    the_external_id,
    the_sequence,
    the_account,
    somewhere_in_the_payload,
    the_payload_for_another_thing,
    a_payload_from_elsewhere,
    removed,
    removed_and_closed_up,
    swapped,
    repeated,
    cut,
    cut_with_its_head,
    the_head,
    no_head,
    the_team,
    what_a_record_says,
)
"""Found by what is in the database alone."""
