"""Operations by datagrams."""

from __future__ import annotations

import socket

from oplog_client.batching import line_of
from oplog_client.events import Operation

_MOST_BYTES = 65_507


class UdpPublisher:
    """Sends each operation as a datagram, and knows nothing of its fate. For any thread, and for asyncio too."""

    def __init__(self, host: str, port: int = 8042) -> None:
        """Look up the host.

        :raises OSError: when there is none of this name
        """
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
        self._socket = socket.socket(family, kind, protocol)
        self._address = address

    def publish(self, operation: Operation) -> None:
        """Send a datagram.

        :raises ValueError: when the operation is too large for one
        :raises OSError: when this machine cannot send it
        """
        line = line_of(operation)
        if len(line) > _MOST_BYTES:
            raise ValueError(f"an operation of {len(line)} bytes: a datagram has at most {_MOST_BYTES}")
        self._socket.sendto(line, self._address)

    def close(self) -> None:
        """End."""
        self._socket.close()

    def __enter__(self) -> UdpPublisher:
        return self

    def __exit__(self, *ignored: object) -> None:
        self.close()
