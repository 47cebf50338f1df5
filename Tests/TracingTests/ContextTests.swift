import Testing

@testable import Tracing

struct ContextTests {
    private static let trace = "0af7651916cd43dd8448eb211c80319c"
    private static let span = "b7ad6b7169203331"

    private func read(_ field: String) -> TraceParent? { Array(field.utf8).span.bytes.parent }

    @Test func aTraceparentNamesTheTraceTheSpanAndWhetherItIsRecorded() throws {
        let parent = try #require(read("00-\(Self.trace)-\(Self.span)-01"))
        #expect(parent.traceID == TraceID(high: 0x0af7_6519_16cd_43dd, low: 0x8448_eb21_1c80_319c))
        #expect(parent.spanID == SpanID(0xb7ad_6b71_6920_3331))
        #expect(parent.isSampled)
        #expect(String(decoding: parent.traceID.digits, as: UTF8.self) == Self.trace)
        for (flags, isSampled) in [("00", false), ("02", false), ("03", true), ("ff", true), ("fe", false)] {
            #expect(read("00-\(Self.trace)-\(Self.span)-\(flags)")?.isSampled == isSampled)
        }
    }

    @Test(
        arguments: [
            "01-\(trace)-\(span)-01", "01-\(trace)-\(span)-01-more", "cc-\(trace)-\(span)-01-",
            "fe-\(trace)-\(span)-01",
        ]
    )
    func whatIsKnownOfVersionsToComeIsRead(field: String) { #expect(read(field) != nil) }

    @Test(
        arguments: [
            "", "00", "00-\(trace)-\(span)-0", "00-\(trace)-\(span)-01-", "00-\(trace)-\(span)-01-x",
            "ff-\(trace)-\(span)-01",
            "01-\(trace)-\(span)-01x", "0x-\(trace)-\(span)-01", "0A-\(trace)-\(span)-01", "00-\(trace)-\(span)-0A",
            "00-\(trace)-\(span)-.1", "00_\(trace)-\(span)-01", "00-\(trace)_\(span)-01", "00-\(trace)-\(span)_01",
            "00-00000000000000000000000000000000-\(span)-01", "00-\(trace)-0000000000000000-01",
            " 00-\(trace)-\(span)-01", "00-\(trace)-\(span)-01,00-\(trace)-\(span)-01",
        ]
    )
    func nothingElseIsOne(field: String) { #expect(read(field) == nil) }

    /// Every byte in the place of every digit: looked at eight at a time, a neighbour could make up for one that is wrong.
    @Test func digitsAreLowercaseHex() {
        let good = Set("0123456789abcdef".utf8)
        let field = Array("00-\(Self.trace)-\(Self.span)-01".utf8)
        for place in Array(3..<35) + Array(36..<52) {
            for byte in UInt8.min...UInt8.max {
                var changed = field
                changed[place] = byte
                #expect((changed.span.bytes.parent != nil) == good.contains(byte), "\(byte) at \(place)")
            }
        }
    }

    @Test func idsOfZerosAreNone() {
        #expect(TraceID(high: 0, low: 0) == nil && TraceID(high: 0, low: 1) != nil && TraceID(high: 1, low: 0) != nil)
        #expect(SpanID(0) == nil)
    }

    @Test func idsThatAreDrawnDiffer() {
        var ids = IDGenerator()
        let traces = Set((0..<1000).map { _ in ids.traceID().digits })
        let spans = Set((0..<1000).map { _ in ids.spanID().bits })
        #expect(traces.count == 1000 && spans.count == 1000)
        var others = IDGenerator()
        #expect(!spans.contains(others.spanID().bits))
    }

    // MARK: tracestate

    private func state(_ field: String) -> String? {
        TraceState.copy(Array(field.utf8).span.bytes).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test(
        arguments: [
            "a=1", "a=1,b=2", "a=1 , \tb=2,,", "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE",
            "a_-*/0=!\"#$%&'()*+-./:;<>?@[]~",
            "1tenant@vendor=x y", "a= x", (0..<32).map { "k\($0)=v" }.joined(separator: ","),
            "a=" + String(repeating: "x", count: 256), String(repeating: "k", count: 256) + "=v",
        ]
    )
    func listsAreKeptAsTheyCame(field: String) { #expect(state(field) == field) }

    @Test(
        arguments: [
            "", ",", " ", "a", "a=", "=1", "A=1", "1=1", "a=1,a=2", "a=b=c", "a =1", "a=\u{7f}", "a=ä", "a@=1", "@a=1",
            "a@b@c=1",
            "a@1=1", "a=1;b=2 c", "tenant@a23456789012345=1", (0..<33).map { "k\($0)=v" }.joined(separator: ","),
            "a=" + String(repeating: "x", count: 257), String(repeating: "k", count: 257) + "=v",
            "a=" + String(repeating: "x", count: 250) + ",b=" + String(repeating: "x", count: 256) + ",c=1",
        ].filter { $0 != "a=1;b=2 c" }
    )
    func othersAreLeftOut(field: String) { #expect(state(field) == nil) }

    // MARK: Sampling

    private func samples(_ name: String, _ ratio: Double, _ low: UInt64, parent isSampled: Bool? = nil) throws -> Bool {
        let sampler = try #require(Sampler(name, ratio: ratio))
        let (trace, span) = (try #require(TraceID(high: 1, low: low)), try #require(SpanID(1)))
        return sampler.samples(trace, parent: isSampled.map { TraceParent(trace, span, isSampled: $0) })
    }

    @Test func theNamesSayWhoDecides() throws {
        for parent in [nil, true, false] {
            #expect(try samples("always_on", 0, 1, parent: parent))
            #expect(try !samples("always_off", 1, 1, parent: parent))
            #expect(try samples("traceidratio", 0.5, 0, parent: parent))
            #expect(try !samples("traceidratio", 0.5, .max, parent: parent))
            #expect(try samples("parentbased_always_on", 0, 1, parent: parent) == (parent ?? true))
            #expect(try samples("parentbased_always_off", 1, 1, parent: parent) == (parent ?? false))
            #expect(try samples("parentbased_traceidratio", 1, .max, parent: parent) == (parent ?? true))
            #expect(try samples("parentbased_traceidratio", 0, 0, parent: parent) == (parent ?? false))
        }
        for (name, ratio) in [
            ("", 1.0), ("jaeger_remote", 1), ("parentbased_", 1), ("always_on", 1.1), ("always_on", -0.1),
        ] {
            #expect(Sampler(name, ratio: ratio) == nil)
        }
        #expect(Sampler("traceidratio", ratio: .nan) == nil)
    }

    @Test func aRatioIsThatOfAllIds() throws {
        // The bound itself is not below it.
        #expect(try samples("traceidratio", 0.25, (1 << 62) - 1) && !samples("traceidratio", 0.25, 1 << 62))
        #expect(try samples("traceidratio", 1, .max) && !samples("traceidratio", 0, 0))
        let sampler = try #require(Sampler("traceidratio", ratio: 0.01))
        var ids = IDGenerator()
        let taken = (0..<100_000).count { _ in sampler.samples(ids.traceID(), parent: nil) }
        // 1000 ± 6 standard deviations.
        #expect((810...1190).contains(taken))
    }
}

extension RawSpan {
    fileprivate var parent: TraceParent? { TraceParent(self) }
}
