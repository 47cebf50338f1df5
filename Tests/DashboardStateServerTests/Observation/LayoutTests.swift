import Testing

@testable import DashboardStateServer

struct LayoutTests {
    @Test func writtenNumbersAreThoseOfWhatTheyCount() {
        typealias Layout = LoopCounts.Layout
        #expect(Layout.methods == Method.allCases.count)
        #expect(Layout.commands == RequestFacts.Command.allCases.count)
        #expect(Layout.durationSize == LoopCounts.Scales.durations.count + 1)
        #expect(Layout.sizeSize == LoopCounts.Scales.sizes.count + 1)
        #expect(Layout.ageSize == LoopCounts.Scales.ages.count + 1)
        #expect(RequestOutcome.problem(Problem.Kind.allCases.last!).index == RequestOutcome.count - 1)
    }

    @Test func eachOutcomeHasItsStatusAndLabel() {
        #expect(Set(RequestOutcome.all.map(\.index)).count == RequestOutcome.count)
        #expect(RequestOutcome.hit.status == .ok && RequestOutcome.hit.problem == nil)
        #expect(RequestOutcome.notModified.status == .notModified)
        #expect(RequestOutcome.clientGone.status.rawValue == 499 && RequestOutcome.clientGone.problem == nil)
        #expect(RequestOutcome.clientGone.isTrouble && !RequestOutcome.unusable.isTrouble)
        #expect(RequestOutcome.unusable.status == .notFound && "\(RequestOutcome.unusable.label)" == "unusable")
        let labels: [(Problem.Kind, String)] = [
            (.nothingStored, "miss"), (.preconditionFailed, "precondition_failed"), (.invalidBody, "rejected"),
            (.storageFull, "failed"), (.methodNotAllowed, "rejected"),
        ]
        for (kind, label) in labels {
            #expect("\(RequestOutcome.problem(kind).label)" == label)
            #expect(RequestOutcome.problem(kind).status == kind.status)
        }
    }
}
