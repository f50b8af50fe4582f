import pytest

from csvdesk.files import inside


def test_only_csv():
    with pytest.raises(ValueError):
        inside(".env")
