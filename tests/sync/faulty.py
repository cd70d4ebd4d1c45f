"""A server on loopback that does whatever a test says to a connection, and remembers every request."""

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

CHUNK = 65_536
# Longer than any deadline of a test: a server's thread never outlives its test by more.
PATIENCE_SECONDS = 20.0


class Wire:
    """One accepted connection, as a behaviour uses it. Sending to a client that has left is no error."""

    def __init__(self, connection: socket.socket, server: "FaultyServer") -> None:
        self._connection = connection
        self._server = server
        self._lent: list[bytes] | None = None

    def request(self) -> bytes:
        """Read one request's head and remember it; empty when the client has left."""
        if self._lent is not None:
            return self._lent.pop() if self._lent else b""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            with contextlib.suppress(OSError):
                if piece := self._connection.recv(CHUNK):
                    head += piece
                    continue
            return b""
        self._server.requests.append(head)
        return head

    def lend(self, head: bytes, behave: "Behaviour") -> bool:
        """Let `behave` see this request only; whether it would have waited for more of them."""
        more = [b"", head]
        self._lent = more
        behave(self)
        self._lent = None
        return not more

    def send(self, data: bytes) -> bool:
        """Send all of it; False when the client has left."""
        try:
            self._connection.sendall(data)
        except OSError:
            return False
        self._server.sent += len(data)
        return True

    def wait_for_end(self) -> None:
        """Do nothing until the client leaves."""
        with contextlib.suppress(OSError):
            while self._connection.recv(CHUNK):
                pass

    def half_close(self) -> None:
        """Send no more, but go on reading."""
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_WR)

    def pause(self, seconds: float) -> bool:
        """Let a moment pass; False when the server is to end."""
        return not self._server.ending.wait(seconds)

    def reset(self) -> None:
        """Close with a RST instead of a FIN."""
        with contextlib.suppress(OSError):
            self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._connection.close()

    def speak_tls(self, context: ssl.SSLContext) -> bool:
        """Do TLS's handshake; False when it failed."""
        try:
            self._connection = context.wrap_socket(self._connection, server_side=True)
        except OSError:
            return False
        return True

    def close(self) -> None:
        """Close; to do so twice is no error."""
        self._connection.close()


Behaviour = Callable[[Wire], None]


class FaultyServer:
    """Listens on a free port; every connection gets a thread that runs `behave`, and is closed after it."""

    def __init__(self, behave: Behaviour) -> None:
        self.behave = behave
        self.requests: list[bytes] = []
        self.connections = 0
        self.sent = 0
        self.ending = threading.Event()
        self._open: list[socket.socket] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._waking = socket.socket()
        self._waking.bind(("127.0.0.1", 0))
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def url(self, scheme: str = "http") -> str:
        """An account's base URL."""
        return f"{scheme}://127.0.0.1:{self.port}"

    def _accept(self) -> None:
        while True:
            try:
                connection, peer = self._listening.accept()
            except OSError:
                return
            if peer == self._waking.getsockname():
                connection.close()
                return
            connection.settimeout(PATIENCE_SECONDS)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections += 1
            self._open.append(connection)
            thread = threading.Thread(target=self._serve, args=(Wire(connection, self),))
            self._threads.append(thread)
            thread.start()

    def _serve(self, wire: Wire) -> None:
        try:
            self.behave(wire)
        finally:
            wire.close()

    def close(self) -> None:
        """End all connections and threads, and count who waited to be accepted.

        A connection of our own, behind those, wakes the thread that accepts and is its last.
        """
        self.ending.set()
        with self._waking:
            self._waking.connect(("127.0.0.1", self.port))
            self._threads[0].join()
        self._listening.close()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()


@contextmanager
def faulty(behave: Behaviour) -> Iterator[FaultyServer]:
    """The server, listening as long as the `with` block lasts."""
    server = FaultyServer(behave)
    try:
        yield server
    finally:
        server.close()


# What a server may do with a connection.


def answering(*answers: bytes) -> Behaviour:
    """The answers in turn, the last one for all further requests; the connection is kept."""

    def behave(wire: Wire) -> None:
        left = list(answers)
        while wire.request():
            wire.send(left.pop(0) if len(left) > 1 else left[0])

    return behave


def closing_after(data: bytes) -> Behaviour:
    """These bytes in answer to a request, then the end of the connection."""

    def behave(wire: Wire) -> None:
        if wire.request():
            wire.send(data)

    return behave


def half_closing_after(data: bytes) -> Behaviour:
    """These bytes, then no more, though the connection stays open the other way."""

    def behave(wire: Wire) -> None:
        if wire.request():
            wire.send(data)
            wire.half_close()
            wire.wait_for_end()

    return behave


def resetting_after(data: bytes) -> Behaviour:
    """These bytes in answer to a request, then a RST."""

    def behave(wire: Wire) -> None:
        if wire.request():
            wire.send(data)
            wire.reset()

    return behave


def silent_after(data: bytes) -> Behaviour:
    """These bytes, then nothing more: the connection stays open."""

    def behave(wire: Wire) -> None:
        if wire.request():
            wire.send(data)
            wire.wait_for_end()

    return behave


def dripping(head: bytes, drop: bytes) -> Behaviour:
    """The head at once, then a drop every 20 milliseconds for as long as the client stays."""

    def behave(wire: Wire) -> None:
        if wire.request():
            wire.send(head)
            while wire.pause(0.02) and wire.send(drop):
                pass

    return behave


def flooding(head: bytes, piece: bytes, times: int) -> Behaviour:
    """The head, then the same piece many times, as fast as it goes."""

    def behave(wire: Wire) -> None:
        if wire.request():
            wire.send(head)
            for _ in range(times):
                if not wire.send(piece):
                    return

    return behave
