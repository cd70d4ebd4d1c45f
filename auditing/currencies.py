"""Currencies by their codes of ISO 4217, and how an exact amount of one is rounded to be shown."""

import re
from decimal import Decimal

# The active codes of ISO 4217 that are money (no funds, metals or test codes).
CURRENCIES = frozenset(
    re.findall(
        "[A-Z]{3}",
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF"
        " CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ"
        " GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP"
        " LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR"
        " PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC"
        " SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XCG XOF XPF"
        " YER ZAR ZMW ZWG",
    )
)
# Digits of the minor unit, where they are not two.
_DIGITS = {
    **dict.fromkeys(
        re.findall("[A-Z]{3}", "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"), 0
    ),
    **dict.fromkeys(re.findall("[A-Z]{3}", "BHD IQD JOD KWD LYD OMR TND"), 3),
}
# Amounts are whole numbers of this part of a unit: thousandths of a credit times a price of ten decimals.
PARTS = 10**13


def digits_of(currency: str) -> int:
    """How many decimals the currency's minor unit has."""
    return _DIGITS.get(currency, 2)


def rounded(parts: int, currency: str) -> Decimal:
    """An exact amount to its currency's minor unit; a half is rounded away from zero, as on an invoice."""
    digits = digits_of(currency)
    size = PARTS // 10**digits
    units = (abs(parts) * 2 + size) // (2 * size)
    return Decimal(f"{units if parts >= 0 else -units}e-{digits}")  # read, and so exact whatever its length


def exact(parts: int) -> str:
    """An exact amount as decimal text: 12.5, 0.0861."""
    whole, rest = divmod(abs(parts), PARTS)
    text = f"{whole}.{rest:013}".rstrip("0").rstrip(".")
    return f"-{text}" if parts < 0 else text
