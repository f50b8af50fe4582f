import pytest

from notes_mcp.server import inside


def test_no_way_out():
    with pytest.raises(ValueError):
        inside("../../etc/passwd")
