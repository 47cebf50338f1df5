import Bytes
import CLinux
import EventLoop
import Glibc

/// Gives memory back to the system that a peak has taken. What is freed stays with the process otherwise: between pieces
/// that are still in use the allocator keeps any amount of it.
///
/// It looks a few times a second while much is in use, or kept for no use, and not at all when neither is the case.
final class MemoryReturn {
    /// Freed memory that may stay, for what comes next: in bytes.
    private static let spare = 8 << 20
    /// From so much more in use than at the start on, a peak may be going on: in bytes.
    private static let peak = 16 << 20
    /// What may be taken in small pieces until it is looked at: in bytes.
    private static let unseen = 1 << 20
    /// Nanoseconds from one look to the next.
    private static let interval: UInt64 = 250_000_000

    /// Has the memory of a large body used again for the next one, instead of being given back to the system and zeroed by
    /// it each time: up to 4 MiB of it. For the whole process; without it glibc finds measures of its own on the way.
    static func keepForReuse() {
        mallopt(M_MMAP_THRESHOLD, 4 << 20)
        mallopt(M_TRIM_THRESHOLD, 4 << 20)
    }

    private let loop: Loop
    private var timer: LoopTimer?
    private let usedAtStart: Int
    /// What is resident without being in use when as little as possible is: the program itself.
    private var restAtLeast: Int
    private var wasTooMuch = false
    /// Bytes that were taken in small pieces since the last look.
    private var taken = 0

    init(_ loop: Loop) {
        self.loop = loop
        let start = Self.look()
        usedAtStart = start.used
        restAtLeast = start.rest
        timer = loop.makeTimer { [unowned self] in lookAgain() }
    }

    /// Memory is taken that others would like to have back.
    @inline(__always)
    func begin() { if timer?.deadline == nil { timer?.deadline = loop.now + Self.interval } }

    /// So many bytes are taken for a while. Many a little makes a lot, where all that wait for Redis wait longer.
    @inline(__always)
    func begin(taking count: Int) {
        taken += count
        if taken > Self.unseen { begin() }
    }

    private func lookAgain() {
        taken = 0
        var now = Self.look()
        restAtLeast = min(restAtLeast, now.rest)
        var isTooMuch = now.rest > restAtLeast + Self.spare
        // Twice in a row: it may be taken again at once.
        if isTooMuch, wasTooMuch {
            Self.giveBack()
            now = Self.look()
            restAtLeast = now.rest
            isTooMuch = false
        }
        wasTooMuch = isTooMuch
        if isTooMuch || now.used > usedAtStart + Self.peak { begin() }
    }

    /// Gives back what is free. `malloc_trim` alone leaves the free end of a thread's memory as it is, and adds to it what
    /// lies before; `free` gives that end back, where a large piece of the same thread's is freed.
    ///
    /// Source: glibc's malloc.c, `mtrim`, and `heap_trim` in arena.c.
    static func giveBack() {
        malloc_trim(0)
        let large = malloc(128 << 10)
        // Looked at, so that the compiler does not leave out both calls.
        _ = malloc_usable_size(large)
        free(large)
    }

    /// Bytes that are in use, and what else is resident.
    private static func look() -> (used: Int, rest: Int) {
        let info = mallinfo2()
        let used = Int(info.uordblks + info.hblkhd)
        return (used, residentBytes() - used)
    }

    /// Source: proc(5), `statm`.
    private static func residentBytes() -> Int {
        let descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return 0 }
        defer { close(descriptor) }
        return withUnsafeTemporaryAllocation(byteCount: 128, alignment: 1) { text in
            let count = read(descriptor, text.baseAddress, text.count)
            guard count > 0 else { return 0 }
            let fields = text[..<count].split(separator: UInt8(ascii: " "))
            guard fields.count > 1 else { return 0 }
            return (Decimal.parse(UnsafeRawBufferPointer(rebasing: fields[1])) ?? 0) * sysconf(Int32(_SC_PAGESIZE))
        }
    }
}
