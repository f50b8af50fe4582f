"""The proxy's server: HTTP on a unix socket, until SIGTERM."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import stat
import sys

import aiohttp
from aiohttp import web

from proxy.serving import Proxy
from proxy.settings import BadSettings, Settings, read_settings

MOST_HEAD_LINE = 8 * 1024
CONNECT_SECONDS = 15


def _listening(settings: Settings) -> socket.socket:
    """Return the socket, for everyone who can reach its folder. Raises BadSettings."""
    path = settings.socket
    listening = socket.socket(socket.AF_UNIX)
    try:
        # What an earlier start has left; anything else in this place is a mistake.
        if path.exists() and stat.S_ISSOCK(path.lstat().st_mode):
            path.unlink()
        listening.bind(str(path))
        path.chmod(0o666)
    except OSError as error:
        listening.close()
        raise BadSettings(f"PINWARDEN_SOCKET names no place for a socket ({error.strerror or 'too long'})") from None
    return listening


async def _run(settings: Settings) -> None:
    ending = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ending.set)
    listening = _listening(settings)
    session = aiohttp.ClientSession(
        auto_decompress=False,
        connector=aiohttp.TCPConnector(limit=0),
        cookie_jar=aiohttp.DummyCookieJar(),
        skip_auto_headers=("user-agent", "accept", "accept-encoding", "content-type"),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
        trust_env=False,
    )
    async with session:
        proxy = Proxy(settings, session)
        server = web.Server(
            proxy.serve,
            access_log=None,
            auto_decompress=False,
            handler_cancellation=True,
            lingering_time=1,
            max_field_size=MOST_HEAD_LINE,
            max_line_size=MOST_HEAD_LINE,
        )
        runner = web.ServerRunner(server, shutdown_timeout=0.1)
        await runner.setup()
        try:
            await web.SockSite(runner, listening, backlog=512).start()
            sys.stderr.write("listening\n")
            sys.stderr.flush()
            await ending.wait()
        finally:
            await runner.cleanup()
            proxy.finish()


def main() -> int:
    """Serve until SIGTERM. Exit code 2 for settings that can't be."""
    # Others' log messages and tracebacks can hold what a client or the provider wrote.
    logging.disable(logging.CRITICAL)
    try:
        settings = read_settings(os.environ)
        asyncio.run(_run(settings))
    except BadSettings as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    return 0
