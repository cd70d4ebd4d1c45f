"""Recomputes every account's chain from its rows, in one pass, and names whatever isn't as it was written.

What the database itself can prove: that nobody changed, removed, added or reordered links without computing
the whole rest of the chain anew, and that records say what their last observation says. Whoever does all of
that is found by an earlier `Anchor`, kept where they can't reach it (`checkpoints.py`).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from django.db import connection

from auditing.access import at_one_moment
from auditing.verification.findings import Anchor, Chain, Finding, Kind, Verified
from auditing.verification.walk import Break, Row, Walk

ROWS_AT_ONCE = 1000

# Every account, and where its chain ends according to the head that is kept beside it.
ACCOUNTS = """
SELECT a.id, a.label, a.provider, h.sequence, h.hash
FROM auditing_account AS a LEFT JOIN auditing_chainhead AS h ON h.account_id = a.id ORDER BY a.label
"""

# One account's links in order (walks the index of observation_once_a_sequence), each with what the record of
# its generation says if it is that one's last (one probe of observation_generation). A time that Python
# can't hold comes as null, which no link's time is.
LINKS = """
SELECT o.sequence, o.generation_id,
    CASE WHEN o.observed_at BETWEEN '0001-01-01 00:00+00' AND '9999-12-31 23:59:59.999999+00'
        THEN o.observed_at END,
    o.http_status, o.payload::text, o.payload_salt, o.payload_digest, o.previous_hash, o.hash,
    g.external_id, o.team_id = g.team_id,
    last.id = o.id AND o.payload IS NOT NULL AND g.payload IS DISTINCT FROM o.payload,
    CASE WHEN last.id = o.id AND o.payload IS NULL THEN g.payload::text END,
    CASE WHEN last.id = o.id THEN l.seen_digest END
FROM auditing_observation AS o
LEFT JOIN auditing_generation AS g ON g.id = o.generation_id
LEFT JOIN auditing_lookup AS l ON l.generation_id = o.generation_id
LEFT JOIN LATERAL (
    SELECT other.id FROM auditing_observation AS other WHERE other.generation_id = o.generation_id
    ORDER BY other.observed_at DESC, other.id DESC LIMIT 1
) AS last ON true
WHERE o.account_id = %s ORDER BY o.sequence
"""

# Records that say something of which no link is left (one probe of observation_generation each).
UNOBSERVED = """
SELECT a.label, g.external_id FROM auditing_generation AS g JOIN auditing_account AS a ON a.id = g.account_id
WHERE g.payload IS NOT NULL AND g.account_id = ANY(%s)
    AND NOT EXISTS (SELECT FROM auditing_observation AS o WHERE o.generation_id = g.id)
"""

# Links whose account is gone.
STRAY = """
SELECT DISTINCT o.account_id FROM auditing_observation AS o
WHERE NOT EXISTS (SELECT FROM auditing_account AS a WHERE a.id = o.account_id) ORDER BY 1
"""


class UnknownAccounts(LookupError):
    """Labels that no account has, and those there are."""

    def __init__(self, labels: list[str], known: list[str]) -> None:
        super().__init__(", ".join(labels))
        self.labels = labels
        self.known = known


class _Account(NamedTuple):
    account_id: int
    label: str
    provider: str
    head_sequence: int | None
    head_hash: bytes | None


def verify(labels: Collection[str] = (), anchors: Mapping[int, Anchor] | None = None) -> Verified:
    """Verify the chains of these accounts, or of all; against `anchors` (by account id) where there are any.

    Everything is read as it was at one moment: a sync that runs meanwhile neither disturbs it nor waits for
    it. Memory stays flat however long the chains are. Raises UnknownAccounts.
    """
    anchors = anchors or {}
    done = Verified()
    with at_one_moment():
        accounts = [_Account._make(row) for row in _rows(ACCOUNTS)]
        known = {account.label: account for account in accounts}
        if unknown := [label for label in labels if label not in known]:
            raise UnknownAccounts(unknown, list(known))
        wanted = [known[label] for label in dict.fromkeys(labels)] if labels else accounts
        for account in wanted:
            _verify_chain(done, account, anchors.get(account.account_id))
        for label, external_id in _rows(UNOBSERVED, [account.account_id for account in wanted]):
            fault = f"what the record of {external_id!a} says was never observed: links were removed"
            done.differs(Finding(Kind.RECORD, label, None, fault))
        if not labels:
            present = {account.account_id for account in accounts}
            done.findings += _vanished(anchors, present, (row[0] for row in _rows(STRAY)))
    done.findings.sort(key=lambda finding: finding.kind is Kind.RECORD)  # what breaks a chain comes first
    return done


def _rows(statement: str, *values: int | list[int]) -> Iterator[tuple[Any, ...]]:
    """What a statement selects, a thousand rows at a time."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement, values)
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            yield from rows


def _verify_chain(done: Verified, account: _Account, anchor: Anchor | None) -> None:
    """Walk one chain to its end or its first broken link; what was found goes into `done`."""
    walk = Walk(account.account_id)
    broken: Break | None = None
    is_replaced = False
    for row in map(Row._make, _rows(LINKS, account.account_id)):
        if broken := walk.step(row):
            done.findings.append(Finding(Kind.LINK, account.label, broken.sequence, broken.fault))
            break
        if fault := walk.fault_of_record(row):
            done.differs(Finding(Kind.RECORD, account.label, walk.links, fault))
        if anchor and anchor.sequence == walk.links:
            is_replaced = anchor.hash != walk.hash
    chain = Chain(account.account_id, account.label, account.provider, walk.links, walk.hash, walk.erased)
    done.chains.append(chain)
    if broken is None:
        done.findings += _faults_of_end(chain, account)
    if anchor:
        done.findings += _against(chain, anchor, is_whole=broken is None, is_replaced=is_replaced)


def _faults_of_end(chain: Chain, account: _Account) -> Iterator[Finding]:
    """How the head that is kept beside a chain differs from its last link."""
    if account.head_sequence is None:
        yield Finding(Kind.HEAD, chain.label, None, "the row that says where its chain ends is missing")
    elif account.head_sequence != chain.links:
        fault = f"the chain ends here, but its head says {account.head_sequence}: links were removed or added"
        yield Finding(Kind.HEAD, chain.label, chain.links, fault)
    elif account.head_hash != chain.hash:
        fault = "the chain ends here, but its head holds another hash"
        yield Finding(Kind.HEAD, chain.label, chain.links, fault)


def _against(chain: Chain, anchor: Anchor, *, is_whole: bool, is_replaced: bool) -> Iterator[Finding]:
    """How a chain differs from what it was; behind a broken link that can't be told."""
    if chain.provider != anchor.provider:
        fault = f"its provider is {chain.provider}, and at the checkpoint was {anchor.provider}"
        yield Finding(Kind.ACCOUNT, chain.label, None, fault)
    if is_whole and chain.links < anchor.sequence:
        fault = f"the chain ends here, and at the checkpoint had {anchor.sequence} links: cut or rolled back"
        yield Finding(Kind.TRUNCATED, chain.label, chain.links, fault)
    if is_replaced:
        fault = "not the link of the checkpoint: history up to here was rolled back, or computed anew"
        yield Finding(Kind.REPLACED, chain.label, anchor.sequence, fault)


def _vanished(anchors: Mapping[int, Anchor], present: set[int], strays: Iterable[int]) -> Iterator[Finding]:
    """Accounts that an anchor or a link knows of, and that are not there."""
    for account_id, anchor in anchors.items():
        if account_id not in present:
            fault = f"the account is gone, and at the checkpoint had {anchor.sequence} links"
            yield Finding(Kind.ACCOUNT, anchor.label, None, fault)
    for account_id in strays:
        yield Finding(Kind.ACCOUNT, f"account {account_id}", None, "there are links of it, but no account")
