import pytest

from pagegrab.server import grab


def test_no_files():
    with pytest.raises(ValueError):
        grab("file:///etc/passwd")
