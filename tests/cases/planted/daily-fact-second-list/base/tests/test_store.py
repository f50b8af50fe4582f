from factbook import store


def test_what_is_saved_is_loaded(tmp_path, monkeypatch):
    monkeypatch.setattr(store, "CACHE", tmp_path)
    store.save("x", {"a": 1})
    assert store.load("x") == {"a": 1}
