def notes() -> None:
    pass
