import pytest

from git_mcp.run import git


def test_an_error_is_raised(tmp_path):
    with pytest.raises(RuntimeError):
        git(str(tmp_path), "log")
