"""What a credit of an account costs: set, corrected and taken away, and told to the trail."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import IntegrityError, transaction

from auditing import trail
from auditing.currencies import CURRENCIES
from auditing.models import Account, AccountPrice, Act, User
from auditing.models.prices import DIGITS, PLACES
from auditing.trail import Change

EARLIEST, LATEST = date(2000, 1, 1), date(2199, 12, 31)


class NoPrice(ValueError):
    """Something that can't be a price; `field` is `valid_from`, `price` or `currency`, the message a sentence
    for it."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field = field


@dataclass(frozen=True, slots=True)
class PriceWanted:
    """What a credit should cost from a day on; a price of None ends the one before."""

    valid_from: date
    price: Decimal | None
    currency: str = ""


def set_price(account: Account, wanted: PriceWanted, by: User | None) -> bool:
    """Make it the account's price from that day on, or correct the one that begins then; whether anything
    changed. `by` is the person who does it; None: a command on the server. Raises NoPrice."""
    _check(wanted)
    currency = wanted.currency if wanted.price is not None else ""
    found = AccountPrice.objects.select_for_update().filter(account=account, valid_from=wanted.valid_from)
    before = found.first()
    if before is not None and (before.price, before.currency) == (wanted.price, currency):
        return False
    after = before or AccountPrice(account=account, team_id=account.team_id, valid_from=wanted.valid_from)
    said = str(before) if before else None
    after.price, after.currency = wanted.price, currency
    _save(after)
    _tell(by, account, wanted.valid_from, said, str(after))
    return True


def _save(price: AccountPrice) -> None:
    if price.pk:
        price.save(update_fields=["price", "currency"])
        return
    try:
        with transaction.atomic():
            price.save(force_insert=True)
    except IntegrityError:
        raise NoPrice("valid_from", "Somebody else set this day's price just now: look again.") from None


def remove_price(account: Account, valid_from: date, by: User | None) -> bool:
    """Take away what begins on this day, so that the price before it goes on; whether there was any."""
    price = AccountPrice.objects.filter(account=account, valid_from=valid_from).first()
    if price is None:
        return False
    said = str(price)
    price.delete()
    _tell(by, account, valid_from, said, None)
    return True


def _tell(by: User | None, account: Account, day: date, before: str | None, after: str | None) -> None:
    change = Change(f"a credit from {day.isoformat()} on", before, after)
    trail.changed(Act.PRICE_SET, by, account.label, change, teams=[account.team_id])


def _check(wanted: PriceWanted) -> None:
    if not EARLIEST <= wanted.valid_from <= LATEST:
        raise NoPrice("valid_from", f"A day from {EARLIEST.year} to {LATEST.year}.")
    if wanted.price is None:
        return
    if not wanted.price.is_finite() or wanted.price < 0:
        raise NoPrice("price", "A price is a decimal number, 0 or more.")
    _, digits, exponent = wanted.price.normalize().as_tuple()
    places = max(0, -int(exponent))
    if places > PLACES or len(digits) + max(0, int(exponent)) - places > DIGITS - PLACES:
        raise NoPrice("price", f"At most {DIGITS - PLACES} digits before the point and {PLACES} behind it.")
    if wanted.currency not in CURRENCIES:
        raise NoPrice("currency", "A currency is a code of ISO 4217, such as EUR or USD.")
