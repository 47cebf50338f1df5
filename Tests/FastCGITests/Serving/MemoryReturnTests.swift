import EventLoop
import Glibc
import Synchronization
import Testing

@testable import FastCGI

struct MemoryReturnTests {
    @Test func whatIsFreeAtTheEndOfAThreadsMemoryGoesBack() throws {
        MemoryReturn.keepForReuse()
        // Where threads of other tests share the memory, it may be laid out otherwise.
        for _ in 0..<100 {
            let (before, after) = try residence()
            #expect(!after)
            guard !before else { return }
        }
        Issue.record("nothing was to be given back")
    }

    /// Lays out memory so that trimming joins all that is free to its end, and leaves it there.
    /// - Returns: whether a page of it is resident, before and after it is given back.
    private func residence() throws -> (before: Bool, after: Bool) {
        let outcome = Mutex((before: false, after: false))
        let thread = try LoopThread.start(name: "memory") {
            // Pieces of this size that are freed stay by themselves: the first seven of a thread, others until it is trimmed.
            let small = (0..<10).map { _ in malloc(120) }
            let large = UnsafeMutableBufferPointer<UnsafeMutableRawPointer>.allocate(capacity: 200)
            for index in large.indices {
                large.initializeElement(at: index, to: malloc(100_000))
                memset(large[index], 1, 100_000)
            }
            // What lies between pieces that others have left is used up first.
            var last = malloc(120)!
            for _ in 0..<100_000 where last < large[199] { last = malloc(120) }
            let middle = large[100]
            for piece in large { free(piece) }
            for piece in small { free(piece) }
            free(last)
            let wasResident = Self.isResident(middle)
            MemoryReturn.giveBack()
            let isResident = Self.isResident(middle)
            large.deallocate()
            outcome.withLock { $0 = (wasResident, isResident) }
        }
        thread.join()
        return outcome.withLock { $0 }
    }

    /// Whether the page behind an address takes memory.
    private static func isResident(_ address: UnsafeMutableRawPointer) -> Bool {
        let page = UInt(bitPattern: address) / 4096 * 4096 + 4096
        var flag: UInt8 = 0
        guard mincore(UnsafeMutableRawPointer(bitPattern: page), 4096, &flag) == 0 else { return false }
        return flag & 1 == 1
    }
}
