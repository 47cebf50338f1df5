/// Draws ids, for one thread: some 15 instructions each. They tell spans apart, and are no secret.
///
/// Source: xoshiro256++ (Blackman and Vigna, 2018).
public struct IDGenerator: RandomNumberGenerator {
    private var state: (UInt64, UInt64, UInt64, UInt64)

    /// One that begins somewhere at random.
    public init() {
        var random = SystemRandomNumberGenerator()
        // All zeros would stay so.
        state = (random.next() | 1, random.next(), random.next(), random.next())
    }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
        let sum = state.0 &+ state.3
        let result = (sum &<< 23 | sum &>> 41) &+ state.0
        let shifted = state.1 &<< 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= shifted
        state.3 = state.3 &<< 45 | state.3 &>> 19
        return result
    }

    /// An id for a trace that begins.
    public mutating func traceID() -> TraceID {
        while true {
            if let id = TraceID(high: next(), low: next()) { return id }
        }
    }

    /// An id for a span.
    public mutating func spanID() -> SpanID {
        while true {
            if let id = SpanID(next()) { return id }
        }
    }
}
