"""Images of one small file, as `docker save` writes them: for a platform that this machine has not, or where any image will do."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile


def image_archive(*names: str, platform: str, content: bytes = b"") -> bytes:
    """Return what `docker save` writes of an image for linux on `platform`, called `names`, with `content` in its one file."""
    layer = _packed({"file": content})
    layers = {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"]}
    config = json.dumps({"architecture": platform, "os": "linux", "config": {}, "rootfs": layers}).encode()
    stem = hashlib.sha256(config).hexdigest()
    manifest = [{"Config": f"{stem}.json", "RepoTags": list(names), "Layers": ["layer.tar"]}]
    return _packed({f"{stem}.json": config, "layer.tar": layer, "manifest.json": json.dumps(manifest).encode()})


def _packed(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()
