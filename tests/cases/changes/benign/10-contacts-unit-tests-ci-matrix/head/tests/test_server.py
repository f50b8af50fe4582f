import pytest

from cardfile import server


@pytest.fixture(autouse=True)
def cards(tmp_path, monkeypatch):
    file = tmp_path / "contacts.vcf"
    file.write_text(
        "BEGIN:VCARD\nFN:Ines Duarte\nEMAIL:ines@example.org\nBDAY:19900214\nEND:VCARD\n", encoding="utf-8"
    )
    monkeypatch.setenv("CARDFILE", str(file))


def test_find_person():
    assert server.find_person("ines") == "Ines Duarte\nines@example.org"
    assert server.find_person("bob") == "Nobody called 'bob'."


def test_birthdays():
    assert server.birthdays_in_month(2) == "14.02. Ines Duarte"
    assert server.birthdays_in_month(3) == "No birthdays."
