"""Runs GuardDog's source rules over folders, and prints one JSON document. Started in GuardDog's own environment.

    python -I scan.py FOLDER...  ->  {"version": …, "folders": [[{"rule", "severity", "specificity", "path", "line", "match", "message"}]], "errors": [...]}

GuardDog asks three hosts for lists when it is imported, so the network is cut off first: nothing here may open a socket. What is read
is hostile, so memory and processor time are bounded.
"""

from __future__ import annotations

import importlib.metadata
import json
import logging
import resource
import sys
from typing import Any

MOST_MEMORY = 2 * 1024**3
MOST_SECONDS = 120
MOST_PRINTED = 16 * 1024**2
MOST_FINDINGS = 10_000
LONGEST = 300


def refuse_network(event: str, _: tuple[Any, ...]) -> None:
    if event.startswith("socket.") and event not in ("socket.__new__", "socket.gethostname"):
        raise PermissionError(f"{event}: a scan has no network")
    if event in ("subprocess.Popen", "os.system", "os.exec", "os.fork", "os.posix_spawn", "os.spawn"):
        raise PermissionError(f"{event}: a scan starts nothing")


def main() -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_PRINTED, MOST_PRINTED))
    sys.addaudithook(refuse_network)
    logging.disable(logging.CRITICAL)

    # After the hook, for what they do when they are imported.
    from guarddog.analyzer.analyzer import Analyzer
    from guarddog.analyzer.sourcecode import YaraRule, get_sourcecode_rules
    from guarddog.ecosystems import ECOSYSTEM

    analyzer = Analyzer(ECOSYSTEM.PYPI)
    rules = {rule.id: rule for rule in get_sourcecode_rules(ECOSYSTEM.PYPI, YaraRule)}
    for rule in rules.values():
        # A rule stops after its first hits, so a few decoys would hide what comes after them.
        rule.max_hits = None
    folders = []
    errors: list[str] = []
    for folder in sys.argv[1:]:
        answer = analyzer.analyze_sourcecode(folder)
        errors += [f"{rule}: {reason}"[:LONGEST] for rule, reason in answer["errors"].items()]
        findings = []
        capable: set[tuple[str, str]] = set()
        for name, matches in answer["results"].items():
            for match in matches if isinstance(matches, list) else ():
                path, _, line = match["location"].rpartition(":")
                if name.startswith("capability"):
                    # What code can do is said once a file: bundles hold thousands of these.
                    if (name, path) in capable:
                        continue
                    capable.add((name, path))
                findings.append(
                    {
                        "rule": name,
                        "severity": rules[name].severity or "low",
                        "specificity": rules[name].specificity or "low",
                        "path": path,
                        "line": int(line),
                        "match": match["match"][:LONGEST],
                        "message": match["message"][:LONGEST],
                    }
                )
        if len(findings) > MOST_FINDINGS:
            errors.append(f"more than {MOST_FINDINGS} findings")
        folders.append(findings[:MOST_FINDINGS])
    json.dump({"version": importlib.metadata.version("guarddog"), "folders": folders, "errors": errors}, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
