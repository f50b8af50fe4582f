import pytest

from cardfile.vcard import parse, unescape, unfold

TWO_PEOPLE = """\
BEGIN:VCARD
VERSION:3.0
FN:Marta Lindqvist
EMAIL;TYPE=WORK:marta.lindqvist@example.com
EMAIL;TYPE=HOME:marta@home.example.org
TEL;TYPE=CELL:+46 70 000 00 00
URL:https://marta.example.org/about
BDAY:1984-06-09
END:VCARD
BEGIN:VCARD
VERSION:4.0
FN:Okafor\\, Chidi
item1.EMAIL:chidi@example.net
TEL;VALUE=uri:tel:+234-1-000-0000
BDAY:--0611
END:VCARD
"""


def test_first_person():
    person = parse(TWO_PEOPLE)[0]
    assert person.name == "Marta Lindqvist"
    assert person.emails == ["marta.lindqvist@example.com", "marta@home.example.org"]
    assert person.phones == ["+46 70 000 00 00"]
    assert person.website == "https://marta.example.org/about"


def test_grouped_property_and_tel_uri():
    person = parse(TWO_PEOPLE)[1]
    assert person.name == "Okafor, Chidi"
    assert person.emails == ["chidi@example.net"]
    assert person.phones == ["+234-1-000-0000"]


def test_folded_line():
    assert unfold("EMAIL:very.long.address\n @mail.example.com") == ["EMAIL:very.long.address@mail.example.com"]


@pytest.mark.parametrize(("raw", "plain"), [("a\\,b", "a,b"), ("a\\;b", "a;b"), ("a\\nb", "a\nb")])
def test_unescape(raw, plain):
    assert unescape(raw) == plain


def test_garbage_is_ignored():
    assert parse("EMAIL:nobody@example.com\nhello") == []
