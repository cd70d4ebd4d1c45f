"""A provider that answers every lookup after the same time, in a process of its own: prints its address.

uv run python -m tests.benchmarks.slow_provider [--latency 0.2]
"""

import argparse
import asyncio
import json
from urllib.parse import parse_qs, urlsplit

from tests.sync.scripted import video


async def serve(latency: float) -> None:
    """Answer on loopback until the process is told to end."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                external_id = parse_qs(urlsplit(head.split(b" ", 2)[1].decode()).query)["video_id"][0]
                body = json.dumps(video(external_id).body).encode()
                await asyncio.sleep(latency)
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, backlog=1024)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--latency", type=float, default=0.2)
    asyncio.run(serve(parser.parse_args().latency))
