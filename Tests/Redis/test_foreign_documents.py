"""What counts as a document of other software: a read and a save must think the same of each value, on every server."""

from __future__ import annotations

from cases import Checks, on_every_server
from workbench import KEY

OWN = b'{"version":5,"lastModified":"2026-01-01T00:00:00.000Z","etag":"AAAA",'
DOCUMENTS = (
    b'{"version":5,"state":{"a":1}}', b' {"state":{},"version":5} ', b'{"version":5,"state":{"title":"half a pair \\ud83d"}}',
    b'{"version":5,"state":{"a":"\\\\ud83d"}}', b'{"vers\\u0069on":5,"st\\u0061te":{}}', b'{"version":5,"lastModified":5,"state":{}}',
    b'{"version":5,"state":{"a":-0.5e+10,"b":[true,false,null],"c":"\\"\\\\"}}', '{"version":5,"state":{"ä":"€𝄞"}}'.encode(),
    b'{"version":5,"state":' + b'{"a":' * 126 + b"{}" + b"}" * 127, b'{"version":5,"state":{"x":1,"x":2},"__proto__":1}',
    b'{"version":5,"lastModified":"x","etag":"abc","state":{}}', OWN + b'"state":{}}', OWN + b'"checksum":"xyz","state":{}}',
    OWN + b'"ancestry":"a","state":{}}', OWN + b'"ancestry":"%s","state":{}}' % (b"a" * 100),
)  # fmt: skip
NOTHING = (
    b'{"version":7.0,"state":{}}', b'{"version":7e0,"state":{}}', b'{"version":05,"state":{}}', b'{"version":-0,"state":{}}',
    b'{"version":0x10,"state":{}}', b'{"version":9007199254740992,"state":{}}', b'{"version":99999999999999999,"state":{}}',
    b'{"version":"5","state":{}}', b'{"version":5,"state":null}', b'{"version":5,"state":[{}]}', b'{"state":{}}', b"[1]", b"null",
    b'{"version":5,"version":9,"state":{}}', b'{"version":5,"x":1,"x":2,"state":{}}', b'{"version":5,"state":{"a":nan}}',
    b'{"version":5,"state":{"a":+1}}', b'{"version":5,"state":{"a":.5}}', b'{"version":5,"state":{"a":1.}}',
    b'{"version":5,"state":{"a":Infinity}}', b'{"version":5,"state":{"a":"\t"}}', b'{"version":5,"state":{"a":"\xff"}}',
    b'{"version":5,"state":{"a":"\xed\xa0\x80"}}', b'{"version":5,"state":{"a":"\xc3a\xa9"}}', b'{"version":5,"state":{}}\x00',
    b'\xef\xbb\xbf{"version":5,"state":{}}', b'{"version":5,"state":' + b'{"a":' * 127 + b"{}" + b"}" * 128,
    b'{"version":5,"state":' + b'{"a":' * 1100 + b"1" + b"}" * 1101, b"hello", b'{"version":0000000000000000007,"state":{}}',
)  # fmt: skip


@on_every_server
class ForeignDocuments(Checks):
    def check(self, value: bytes, is_document: bool) -> None:
        def put() -> None:
            self.bench.redis("SET", KEY, value)

        put()
        read = self.bench.ask("GET")
        self.assertEqual(read.status, 200 if is_document else 404, read)
        older = self.bench.post(0, {"by": "an older device"})
        self.assertEqual(older.json["success"], not is_document, older)
        put()
        first = self.bench.post(0, {}, if_none_match="*")
        self.assertEqual(first.status, 412 if is_document else 200, first)
        put()
        conditional = self.bench.post(99, {}, if_match=read.etag or '"x"')
        self.assertEqual(conditional.status, 200 if is_document else 412, conditional)
        put()
        newer = self.bench.post(99, {})
        self.assertTrue(newer.json["success"], newer)

    def test_documents(self) -> None:
        for value in DOCUMENTS:
            with self.subTest(value[:80]):
                self.check(value, True)

    def test_what_is_none(self) -> None:
        for value in NOTHING:
            with self.subTest(value[:80]):
                self.check(value, False)
