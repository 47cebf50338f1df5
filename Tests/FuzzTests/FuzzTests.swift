import Foundation
import SwiftSupport
import Testing

/// Mutated seeds, the same in every run. `FUZZ_RUNS` has more of them looked at; libFuzzer does so by way of
/// Tests/FuzzTests/run.
@Suite(.serialized)
struct FuzzTests {
    static let runs = ProcessInfo.processInfo.environment["FUZZ_RUNS"].flatMap { Int($0) } ?? 20_000

    @Test(arguments: FuzzTarget.allCases)
    func whateverBytesAreReadAsTheyShouldBe(target: FuzzTarget) {
        for seed in target.seeds { #expect(target.run(seed) == nil) }
        var random = SeededGenerator(seed: 16)
        for _ in 0..<(Self.runs / FuzzTarget.allCases.count) {
            let bytes = Mutation.next(target.seeds, using: &random)
            if let wrong = target.run(bytes) {
                Issue.record("\(wrong): \(Data(bytes).base64EncodedString())")
                return
            }
        }
    }
}
