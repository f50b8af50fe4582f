import jwt


def who(token: str, key: str) -> str:
    return jwt.decode(token, key, algorithms=["RS256"])["sub"]
