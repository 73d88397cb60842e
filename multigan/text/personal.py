"""Personal data in a text, by pattern: addresses, numbers and names of accounts."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Callable

CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


def plain_text(text: str) -> str:
    """A text as it is, but for widths and characters that are not seen."""
    if text.isascii():
        return CONTROL.sub("", text)
    text = unicodedata.normalize("NFKC", text)
    return "".join(c for c in text if c in "\t\n\r" or unicodedata.category(c) not in ("Cc", "Cf"))


def _finds(*expressions: str) -> Callable[[str], bool]:
    wanted = re.compile("|".join(expressions), re.IGNORECASE)
    return lambda text: wanted.search(text) is not None


def _checks(expression: str, valid: Callable[[str], bool]) -> Callable[[str], bool]:
    wanted = re.compile(expression, re.IGNORECASE)
    return lambda text: any(valid(found[0]) for found in wanted.finditer(text))


def _digits(text: str) -> list[int]:
    return [int(c) for c in text if c.isdecimal()]


def _is_card(text: str) -> bool:
    """Luhn's check digit (ISO/IEC 7812-1), and a first digit that cards have."""
    digits = _digits(text)
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return 2 <= digits[0] <= 6 and len(set(digits)) > 1 and (sum(doubled) + sum(digits[-1::-2])) % 10 == 0


def _is_iban(text: str) -> bool:
    """ISO 7064 mod 97-10; words that follow the number may have been taken along."""

    def valid(code: str) -> bool:
        if not (15 <= len(code) <= 34 and code.isascii()):
            return False
        return int("".join(str(int(c, 36)) for c in code[4:] + code[:4])) % 97 == 1

    parts = text.split()
    return any(valid("".join(parts[:end])) for end in range(1, len(parts) + 1))


def _is_address_of_a_machine(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


_LETTERS_OF_IDENTITY = "TRWAGMYFPDXBNJZSQVHLCKE"


def _is_spanish_identity(text: str) -> bool:
    """A DNI or NIE by its check letter: the number modulo 23 (X, Y and Z stand for 0, 1 and 2)."""
    code = re.sub(r"[ -]", "", text).upper()
    number = code[:-1].translate(str.maketrans("XYZ", "012"))
    return _LETTERS_OF_IDENTITY[int(number) % 23] == code[-1]


def _is_national_number(text: str) -> bool:
    return 9 <= len(_digits(text)) <= 11


PERSONAL_MARK = re.compile(r"[\d@]|://|u/|\b(?:at|dot|box|arroba)\b", re.IGNORECASE)
"""What every detector needs; most texts are done without."""
_DATE = r"(?!\d{1,2}([./-])\d{1,2}\1(?:19|20)\d{2}\b)"
_TOP_DOMAINS = r"(?:com|org|net|edu|gov|info|io|co ?\. ?uk|de|fr)\b"
_AROUND_DOT = r" ?(?:\.|[\[(] ?dot ?[\])]) ?"
_NOT_NAMES = r"(?!(?:a|and|at|across|by|down|from|in|into|near|of|off|on|or|over|the|this|to|up|with)\b)"
_NO_SPANISH_NAMES = r"(?!(?:hay|había|hubo|tiene|tenía|a|con|desde|en|hace|hasta|o|para|por|son|y)\b)"

DETECTORS: dict[str, Callable[[str], bool]] = {
    "e-mail": _finds(
        r"\w@[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}\b",
        rf"\w ?(?:@|[\[(] ?at ?[\])]) ?[\w-]+(?:{_AROUND_DOT}[\w-]+)*?{_AROUND_DOT}{_TOP_DOMAINS}",
        r"\w at [\w-]+ dot (?:com|org|net|edu|gov|info|io|de|fr)\b",
        r"\w arroba [\w-]+ punto (?:com|org|net|es|mx|ar)\b",
    ),
    "international-number": _finds(r"(?<![\w.])(?:\+ ?|00)[1-9]\d{0,2}(?:[ .()/-]{0,2}\d){6,12}(?!\d)"),
    "american-number": _finds(
        r"(?<![\w.,-])(?:1[ .-]?)?(?:\([2-9]\d{2}\) ?|[2-9]\d{2} ?[.-] ?|[2-9]\d{2} )\d{3} ?[ .-] ?\d{4}(?![\w-])",
        r"(?<![\w.,-])1?[2-9]\d{2}[2-9]\d{6}(?!\w|[.,]\d)",
        r"(?<![\w.,$-])555 ?- ?\d{4}\b",
        r"\b(?:call|dial|phone|ring|tel|text|whatsapp)\b(?:\W+\w+){0,3}?\W+\d{3} ?[.-] ?\d{4}\b",
    ),
    "national-number": _checks(
        rf"(?<![\w.,:/-]){_DATE}\(?0(?:[1-9]\d{{0,3}}\)?(?:[ /.-]{{1,2}}\d{{2,8}}){{1,5}}|\d{{8,10}})(?!\w)",
        _is_national_number,
    ),
    "spanish-number": _checks(
        r"(?<![\w.,:/+-])(?!\d{3} \d{3} 000)[6-9]\d{1,2}(?:[ -]?\d{2,3}){2,3}(?![\w-]|[.,]\d)",
        lambda text: len(_digits(text)) == 9,
    ),
    "card": _checks(
        r"(?<![\d.,])(?:\d{13,19}|(?:\d{4}[ -]){3}\d{4}|\d{4}[ -]\d{6}[ -]\d{5})(?!\d|[.,]\d)", _is_card
    ),
    "iban": _checks(
        r"(?<!\w)[a-z]{2}[0-9]{2}(?: ?[a-z0-9]{4}){2,7}(?: ?[a-z0-9]{1,4})?(?![a-z0-9])", _is_iban
    ),
    "social-security-number": _finds(
        r"(?<![\d-])(?!000|666|9)\d{3}([ -])(?!00)\d{2}\1(?!0000)\d{4}(?![\d-])"
    ),
    "spanish-identity-number": _checks(
        r"(?<![\w-])(?:\d{8}|[xyz][ -]?\d{7})[ -]?[a-z](?![\w-])", _is_spanish_identity
    ),
    "ip-address": _checks(
        r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{1,4}(?:::?[0-9a-f]{1,4}){3,7})(?![\w:]|\.\d)",
        _is_address_of_a_machine,
    ),
    "address-with-user": _finds(r"\b[a-z][a-z0-9+.-]*://[^\s/@]+@"),
    "handle": _finds(r"(?<![\w@.])@[a-z_]\w{2,}", r"(?<!\w)/?u/[\w-]{3,20}"),
    "street": _finds(
        rf"(?<![\w.,$-])\d{{2,5}}[a-d]? (?:{_NOT_NAMES}[a-z]+\.? ){{1,2}}(?:street|avenue|boulevard|road|lane)\b"
        r"(?! trips?\b)",
        r"\bp\.? ?o\.? box \d+",
    ),
    "spanish-street": _finds(
        rf"\b(?:calle|avenida|avda\.?|paseo|plaza|pasaje|carretera) (?:{_NO_SPANISH_NAMES}[^\W\d]+\.? ?){{1,5}}"
        r"(?:, ?|n[º°.] ?|número )?\d{1,4}(?= ?(?:[,.;]|$|bajo\b|piso\b|\d[ºª]))",
        r"\bapartado (?:de correos |postal )?\d+",
    ),
}
"""Personal data by pattern: whether a text holds some."""
