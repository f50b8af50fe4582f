"""A twin of GitHub for tests: REST and GraphQL held against GitHub's published descriptions, and git, over the same repositories.

def test_it(github_twin: GitHubTwin) -> None:
    registry = github_twin.add("acme/registry", {"servers/a/server.yaml": "…"})
    token = github_twin.actions_token(registry, contents="write", pull_requests="write")
    github_twin.fault(Fail(502, applied=True), operation="pulls/create")
    …  # a client at github_twin.url
    assert github_twin.counts()["pulls/create"] == 2
"""
