"""Cases 29 to 34: the container itself, its limits, its end, its log, its neighbours."""

from __future__ import annotations

import ctypes
import errno
import os
import re
import secrets
import signal
import socket
import stat
import subprocess
import time

import pytest

from containment.conftest import Case
from containment.prelude import attempt, harmless, observe
from containment.sandboxes import Compose, Sandboxes, limits, privileges, read_only
from pinwarden.adapters import engine
from pinwarden.sandbox import Sandbox
from support.trees import tree_hash

pytestmark = pytest.mark.engine


def test_29_the_kernels_surface(sandboxes: Sandboxes, case: Case) -> None:
    def attack() -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        parent = os.getppid()
        # x86_64 and aarch64; source: asm/unistd_64.h, asm-generic/unistd.h
        numbers = {"x86_64": (321, 323, 250, 298, 425, 272), "aarch64": (280, 282, 219, 241, 425, 97)}[os.uname().machine]

        def syscall(number: int, *arguments: int) -> str:
            ctypes.set_errno(0)
            result = libc.syscall(number, *arguments)
            return "done" if result >= 0 else os.strerror(ctypes.get_errno())

        status = dict(line.split(":\t", 1) for line in open("/proc/self/status").read().splitlines() if ":\t" in line)
        seen = {
            name: syscall(number, *given)
            for name, number, given in zip(
                ("bpf", "userfaultfd", "keyctl", "perf", "io_uring", "unshare"),
                numbers,
                ((0, 0, 0), (0,), (0, -3, 1), (0, 0, -1, -1, 0), (1, 0), (0x10000000,)),
                strict=True,
            )
        }
        # A child in a user namespace of its own; process_vm_readv, setns, init_module, fsopen; clone3 must look as if it were not there.
        seen["clone"] = syscall({"x86_64": 56, "aarch64": 220}[os.uname().machine], 0x10000000 | signal.SIGCHLD, 0, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(0)
        more = {"x86_64": (310, 308, 175, 430), "aarch64": (270, 268, 105, 430)}[os.uname().machine]
        seen |= {name: syscall(number, 0, 0, 0) for name, number in zip(("readv", "setns", "module", "fsopen"), more, strict=True)}
        observe(clone3=syscall(435, 0, 0))
        seen["mount"] = "done" if libc.mount(b"none", b"/tmp", b"tmpfs", 0, b"") == 0 else os.strerror(ctypes.get_errno())
        seen["ptrace"] = "done" if libc.ptrace(16, 1, 0, 0) == 0 else os.strerror(ctypes.get_errno())
        seen["setuid"] = attempt(os.setuid, 0)
        setuid = [f"{folder}/{name}" for folder, _, names in os.walk("/usr/bin") for name in names if os.lstat(f"{folder}/{name}").st_mode & stat.S_ISUID]
        rooted = [subprocess.run([path, "--version"], capture_output=True, check=False).returncode for path in setuid[:1]]
        observe(
            seen=seen,
            setuid=len(setuid),
            ran=len(rooted),
            caps=status["CapEff"],
            bound=status["CapBnd"],
            privileges=status["NoNewPrivs"],
            seccomp=status["Seccomp"],
        )

    seen = sandboxes.attack(attack)
    control = sandboxes.attack(attack, without=privileges)
    refusals = {os.strerror(errno.EPERM)}
    case.judge(
        attempted=len(seen.observed.get("seen", {})) == 14,
        observed=str(seen.observed),
        contained=seen.observed["clone3"] == os.strerror(errno.ENOSYS)
        and all(ended in refusals or "refused: EPERM" in ended for ended in seen.observed["seen"].values())
        and int(seen.observed["caps"], 16) == int(seen.observed["bound"], 16) == 0
        and (seen.observed["privileges"], seen.observed["seccomp"]) == ("1", "2"),
        control=f"root with capabilities and no filter: {control.observed['seen']}",
        harmed=control.observed["seen"]["keyctl"] == control.observed["seen"]["unshare"] == "done" and int(control.observed["caps"], 16) > 0,
    )


def test_30_writing_elsewhere(sandboxes: Sandboxes, case: Case) -> None:
    def attack() -> None:
        libc = ctypes.CDLL(None, use_errno=True)

        def write(path: str) -> None:
            with open(path, "ab") as file:
                file.write(b"tampered")

        paths = [
            "/x",
            "/var/tmp/x",
            "/usr/bin/x",
            "/in/x",
            "/in/repository/x",
            "/in/repository/server.py",
            "/in/prompt.md",
            "/agent/relay",
            "/run/proxy/x",
            "/etc/passwd",
            "/proc/sys/kernel/core_pattern",
            "/sys/fs/cgroup/x",
            "/dev/x",
        ]
        seen = {path: attempt(write, path) for path in paths}
        for target in (b"/", b"/in", b"/usr"):
            seen[f"remount {target.decode()}"] = (
                "None" if libc.mount(b"none", target, None, 32 | 4096, None) == 0 else f"refused: {os.strerror(ctypes.get_errno())}"
            )
        seen["unlink"] = attempt(os.unlink, "/in/repository/server.py")
        observe(seen=seen)

    seen = sandboxes.attack(attack, files={"server.py": b"x = 1\n"})
    fresh = sandboxes.attack("observe(nothing=True)\n", files={"server.py": b"x = 1\n"})
    for run in (seen, fresh):
        (run.folder / "in/repository/attack.py").unlink()
    control = sandboxes.attack(attack, files={"server.py": b"x = 1\n"}, without=read_only)
    case.judge(
        attempted=seen.observed.get("seen"),
        observed=str(seen.observed),
        contained=all(ended.startswith("refused") for ended in seen.observed["seen"].values())
        and all("EROFS" in seen.observed["seen"][path] for path in ("/x", "/var/tmp/x", "/usr/bin/x", "/in/x", "/in/repository/x", "/run/proxy/x", "unlink"))
        and tree_hash(seen.folder / "in") == tree_hash(fresh.folder / "in"),
        control=f"writable and root: {control.observed['seen']}",
        harmed=all(control.observed["seen"][path] == "None" for path in ("/x", "/usr/bin/x", "/in/x", "/in/repository/server.py", "/agent/relay")),
    )


def test_31_using_up_the_machine(sandboxes: Sandboxes, case: Case) -> None:
    def attack(processes: int, megabytes: int, files: int, lines: int) -> None:
        children: list[int] = []
        while len(children) < processes:
            try:
                child = os.fork()
            except OSError:
                break
            if child == 0:
                signal.pause()
                os._exit(0)
            children.append(child)
        for child in children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        hog = os.fork()
        if hog == 0:
            held = []
            for _ in range(megabytes // 64):
                held.append(bytearray(os.urandom(4096) * 16384))
            os._exit(0)
        ended = os.waitpid(hog, 0)[1]
        filled = {}
        for folder in ("/tmp", "/dev/shm"):
            size = 0
            try:
                for number in range(files):
                    with open(f"{folder}/fill{number}", "wb", buffering=0) as file:
                        for _ in range(4):
                            size += file.write(bytes(8 * 1024 * 1024))
            except OSError:
                pass
            filled[folder] = size >> 20
        line = b"a line that fills the log of whoever runs this\n" * 1000
        for _ in range(lines // 1000):
            os.write(1, line)
        observe(processes=len(children), killed=os.WIFSIGNALED(ended), filled=filled, lines=lines)

    # Bounded doses, each beyond its limit: the machine is shared.
    seen = sandboxes.attack(attack, given={"processes": 400, "megabytes": 4608, "files": 20, "lines": 400_000}, seconds=120)
    logged = (seen.folder / "agent.log").stat().st_size
    control = sandboxes.attack(attack, given={"processes": 400, "megabytes": 4608, "files": 10, "lines": 400_000}, without=limits, seconds=120)
    case.judge(
        attempted=seen.observed.get("processes"),
        observed=f"{seen.observed}, log {logged} bytes, {seen.seconds:.0f} s",
        contained=seen.observed["processes"] < 256
        and seen.observed["killed"]
        and seen.observed["filled"]["/tmp"] <= 256
        and seen.observed["filled"]["/dev/shm"] <= 16
        and logged <= 5 * 1024**2,
        control=f"without limits {control.observed}, log {len(control.log)} bytes",
        harmed=control.observed["processes"] == 400
        and not control.observed["killed"]
        and control.observed["filled"]["/tmp"] > 256
        and len(control.log) > 5 * 1024**2,
    )


def test_32_refusing_to_end(sandboxes: Sandboxes, case: Case) -> None:
    def attack() -> None:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGALRM):
            signal.signal(number, signal.SIG_IGN)
        harmless()
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                time.sleep(600)
            os._exit(0)
        # Whatever else of this user runs here, a timer for instance, stands still from now on.
        stopped = []
        for name in os.listdir("/proc"):
            if name.isdigit() and int(name) != os.getpid() and attempt(os.kill, int(name), signal.SIGSTOP) == "None":
                stopped.append(int(name))
        observe(stopped=len(stopped))
        time.sleep(600)

    seen = sandboxes.attack(attack, seconds=3)
    left = engine.labelled(("ps", "--all"), engine.RUN_LABEL, "{{.ID}}") + engine.labelled(("volume", "ls"), engine.RUN_LABEL, "{{.Name}}")
    # The control keeps its time inside, as `timeout` of the agent's own user.
    name = f"pinwarden-control-{secrets.token_hex(4)}"
    script = seen.folder / "in/repository/attack.py"
    mounts = ["--volume", f"{script}:/attack.py:ro", "--tmpfs", "/out:mode=1777", "--init", "--user", "10001"]
    engine.docker(
        "run", "--detach", "--name", name, *mounts, "--entrypoint", "timeout", sandboxes.agent_image, "-s", "KILL", "2", "python3", "-I", "/attack.py"
    )
    try:
        time.sleep(4)  # the control is that nothing happens for longer than its time
        alive = engine.docker("inspect", "--format", "{{.State.Running}}", name).strip()
    finally:
        engine.docker("rm", "--force", name)
    case.judge(
        attempted=seen.observed.get("stopped") is not None,
        observed=f"{seen.observed}, {seen.failures}, {seen.seconds:.1f} s, left: {left}",
        contained=seen.failures == ["the agent took longer than 3 s and was ended"] and seen.seconds < 20 and left == [],
        control=f"2 s after its time is over a timer inside has not ended it: running={alive}",
        harmed=alive == "true",
    )


def runner_commands(log: bytes) -> set[str]:
    """Return the workflow commands that a runner would take from a job's log. Source: actions/runner, ActionCommand.cs."""
    found = set()
    for line in re.split(r"\r\n|\r|\n", log.decode("utf-8", "replace")):
        if match := re.match(r"\s*::([a-z-]+)", line):
            found.add(match[1])
        if match := re.search(r"##\[([a-z-]+)", line):
            found.add(match[1])
    return found


def test_33_commands_to_the_runner(sandboxes: Sandboxes, case: Case, capfd: pytest.CaptureFixture[str]) -> None:
    def attack() -> None:
        harmless()
        os.write(
            1,
            b"agent | ##[set-output name=a]b\n##[add-mask]a\nx\r::error::forged\n::stop-commands::x\n::add-matcher::/tmp/m.json\n\xe2\x80\xa8::set-env name=A::b\n",
        )
        observe(printed=True)

    seen = sandboxes.attack(attack)
    out, err = capfd.readouterr()
    case.judge(
        attempted=seen.observed.get("printed"),
        observed=f"the job's log holds {len(out + err)} characters of it, a file {len(seen.log)} bytes",
        contained=runner_commands((out + err).encode()) == set() and "forged" not in out + err,
        control=f"as it was printed a runner takes {sorted(runner_commands(seen.log))}",
        harmed=runner_commands(seen.log) >= {"set-output", "add-mask", "error", "stop-commands", "add-matcher"},
    )


def test_34_neighbours_and_the_engine(sandboxes: Sandboxes, case: Case) -> None:
    def attack() -> None:
        sockets = [
            path for path in ("/var/run/docker.sock", "/run/docker.sock", "/run/containerd/containerd.sock", "/run/podman/podman.sock") if os.path.exists(path)
        ]
        names = {}
        for name in os.listdir("/proc"):
            if name.isdigit():
                try:
                    names[name] = open(f"/proc/{name}/comm").read().strip()
                except OSError:
                    pass
        mounts = [line.split()[4] for line in open("/proc/self/mountinfo")]
        abstract = [line for line in open("/proc/net/unix").read().splitlines()[1:] if "@" in line]
        observe(
            sockets=sockets,
            processes=sorted(names.values()),
            mounts=mounts,
            abstract=len(abstract),
            host=socket.gethostname(),
            shared=len(open("/proc/sysvipc/shm").readlines()) - 1,
        )

    def neighbourly(compose: Compose) -> None:
        agent = compose["services"]["agent"]
        agent |= {"pid": "host", "ipc": "host"}
        agent["volumes"].append({"type": "bind", "source": os.environ["DOCKER_HOST"].removeprefix("unix://"), "target": "/run/docker.sock"})

    # A piece of this machine's shared memory, which only its own IPC namespace lists.
    libc = ctypes.CDLL(None, use_errno=True)
    piece = libc.shmget(0, 4096, 0o1600)
    try:
        seen = sandboxes.attack(attack)
        control = sandboxes.attack(attack, without=neighbourly)
    finally:
        libc.shmctl(piece, 0, None)
    ours = {"docker-init", "tini", "python3", "relay", "sh", "sleep", "socat"}
    expected = {"/in", "/out", "/run/proxy", "/tmp"}
    foreign = [
        path
        for path in seen.observed["mounts"]
        if path != "/" and path not in expected and not path.startswith(("/proc", "/sys", "/dev", "/etc/")) and not path.endswith("/docker-init")
    ]
    case.judge(
        attempted=seen.observed.get("processes"),
        observed=str({**seen.observed, "mounts": foreign}),
        contained=seen.observed["sockets"] == []
        and set(seen.observed["processes"]) <= ours
        and foreign == []
        and seen.observed["abstract"] == seen.observed["shared"] == 0
        and seen.observed["host"] == "agent",
        control=f"with the host's processes and socket: {control.observed['sockets']}, {len(control.observed['processes'])} processes",
        harmed="/run/docker.sock" in control.observed["sockets"] and len(control.observed["processes"]) > 10 and control.observed["shared"] > 0,
    )


def test_a_run_leaves_nothing(sandboxes: Sandboxes) -> None:
    seen: list[Sandbox] = []
    sandboxes.attack("harmless()\n", proxy=True, look=seen.append)
    for kind in (("ps", "--all"), ("volume", "ls"), ("network", "ls")):
        assert engine.labelled(kind, engine.RUN_LABEL, "{{.ID}}" if kind[0] == "ps" else "{{.Name}}") == []
