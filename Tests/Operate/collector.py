"""A collector of spans on a port of its own, which understands them by OpenTelemetry's own definitions, or misbehaves."""

from __future__ import annotations

import base64
import json
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

ACCEPTED = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


def answer(status: str, body: bytes = b"{}", *fields: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *fields, "", ""]
    return "\r\n".join(lines).encode() + body


class Span:
    """A span, with its attributes as Python has them."""

    def __init__(self, span: Any, resource: dict[str, Any], scope: Any) -> None:
        self.raw = span
        self.name: str = span.name
        self.kind: int = span.kind
        self.trace = span.trace_id.hex()
        self.id = span.span_id.hex()
        self.parent = span.parent_span_id.hex()
        self.attributes = values(span.attributes)
        self.resource = resource
        self.scope = scope


def values(attributes: Any) -> dict[str, Any]:
    found = {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in attributes}
    assert len(found) == len(attributes), "an attribute is there twice"
    return found


def decode(body: bytes) -> list[Span]:
    """Understands a batch. Whatever is no field of the definitions is an error."""
    batch = json.loads(body)
    # The one place where OTLP differs from protobuf's mapping: ids are hex digits.
    for resource in batch["resourceSpans"]:
        for scope in resource["scopeSpans"]:
            for span in scope["spans"]:
                for name in {"traceId", "spanId", "parentSpanId"} & span.keys():
                    digits = span[name]
                    assert len(digits) == (32 if name == "traceId" else 16) and digits == digits.lower(), digits
                    span[name] = base64.b64encode(bytes.fromhex(digits)).decode()
                for name in ("startTimeUnixNano", "endTimeUnixNano"):
                    assert isinstance(span[name], str), "a number of 64 bits that is no string"
    message = json_format.ParseDict(batch, ExportTraceServiceRequest(), ignore_unknown_fields=False)
    return [
        Span(span, values(resource.resource.attributes), scope.scope)
        for resource in message.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]


class Request:
    """What a worker has sent."""

    def __init__(self, head: str, body: bytes) -> None:
        self.line, *fields = head.split("\r\n")
        self.fields = {name.lower(): value.strip() for name, value in (field.split(":", 1) for field in fields)}
        self.body = body


class Collector:
    """Takes what comes, and answers what `behave` says: by it a test can have it do anything with the connection.

    `behave` gets the connection once the whole request is there, and its number from 0; it returns the answer, or `None` where
    it has done all that there is to do.
    """

    def __init__(
        self,
        behave: Callable[[socket.socket, int], bytes | None] = lambda *_: ACCEPTED,
        port: int = 0,
        address: str = "127.0.0.1",
    ) -> None:
        self.behave = behave
        self.requests: list[Request] = []
        self.listener = socket.create_server((address, port))
        self.port: int = self.listener.getsockname()[1]
        self.url = f"http://{address}:{self.port}"
        self._held: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def spans(self) -> list[Span]:
        return [span for request in list(self.requests) for span in decode(request.body)]

    def named(self, name: str) -> list[Span]:
        return [span for span in self.spans if span.name == name]

    def stop(self) -> None:
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for connection in self._held:
            connection.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                self._held.append(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            data = b""
            while b"\r\n\r\n" not in data:
                more = connection.recv(65536)
                if not more:
                    return
                data += more
            head, body = data.split(b"\r\n\r\n", 1)
            request = Request(head.decode(), b"")
            while len(body) < int(request.fields["content-length"]):
                body += connection.recv(65536)
            request.body = body
            number = len(self.requests)
            self.requests.append(request)
            reply = self.behave(connection, number)
            if reply is not None:
                connection.sendall(reply)
