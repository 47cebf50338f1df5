import Testing

@testable import DashboardStateServer

/// What keeps the log from being flooded.
struct LogBoundTests {
    private static let second: UInt64 = 1_000_000_000

    @Test func soManyRequestsASecondLeaveALineAndAsManyThatWentWrong() {
        let budget = RequestBudget(3)
        func admitted(_ isTroubled: Bool, _ now: UInt64) -> Int {
            (0..<10).count { _ in budget.admits(isTroubled: isTroubled, at: now) }
        }
        #expect(admitted(false, 7 * Self.second) == 3 && admitted(true, 7 * Self.second + 5) == 3)
        #expect(admitted(false, 8 * Self.second - 1) == 0)
        #expect(admitted(false, 8 * Self.second) == 3)
        // A loop whose clock is behind does not begin the second anew.
        #expect(admitted(false, 7 * Self.second) == 0 && admitted(false, 8 * Self.second) == 0)
    }

    @Test func whatIsPartOfTheServiceIsNoTrouble() {
        for outcome in [RequestOutcome.hit, .unusable, .problem(.nothingStored), .problem(.preconditionFailed)] {
            #expect(!outcome.isTrouble)
        }
        for kind in [Problem.Kind.invalidBody, .storageUnavailable, .methodNotAllowed] {
            #expect(RequestOutcome.problem(kind).isTrouble)
        }
    }

    @Test func repetitionsAreToldOnceAMinuteWithTheirNumber() {
        var repetitions = Repetitions()
        let minute = Repetitions.pause
        #expect(repetitions.came("one", at: 0) == 0 && repetitions.came("other", at: 0) == 0)
        #expect(repetitions.came("one", at: 1) == nil && repetitions.came("one", at: minute - 1) == nil)
        #expect(repetitions.came("one", at: minute) == 2 && repetitions.came("one", at: 2 * minute) == 0)
    }

    @Test(arguments: [("9:26", true), ("9:27", false), ("26", false), ("9:26:1", false), ("", false), ("9:26 ", false)])
    func standardErrorIsTheJournalsWhereItIsTheSameFile(text: String, isSame: Bool) {
        #expect(JournalStream.names(text, device: 9, inode: 26) == isSame)
    }

    /// Whoever has something to do about it is told what.
    @Test func refusalsHaveSentencesWhereSomebodyCanMendThem() {
        let told = Problem.Kind.allCases.filter { $0.sentence != nil }
        #expect(Set(told.compactMap(\.sentence)).count == told.count)
        for kind in [Problem.Kind.noUser, .wrongProxySecret, .invalidBody, .checksumMismatch, .unknownPath] {
            #expect(kind.sentence != nil, "\(kind)")
        }
        #expect(Problem.Kind.nothingStored.sentence == nil && Problem.Kind.storageFull.sentence == nil)
        #expect(Problem.invalidBody(.missing(.version)).field == "version" && Problem.unavailable.field == nil)
        #expect(Problem.unusableIdentity("user").field == "user")
    }
}
