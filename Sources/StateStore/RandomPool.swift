import CLinux
import Glibc

/// The system's random numbers, fetched many at a time: a call for each would cost more than an entity tag is worth.
struct RandomPool: RandomNumberGenerator {
    private static let size = 128
    private var numbers = [UInt64](repeating: 0, count: size)
    private var left = 0

    /// The next one.
    mutating func next() -> UInt64 {
        if left == 0 { refill() }
        left -= 1
        return numbers[left]
    }

    private mutating func refill() {
        numbers.withUnsafeMutableBytes { bytes in
            var filled = 0
            while filled < bytes.count {
                let count = getrandom(bytes.baseAddress! + filled, bytes.count - filled, 0)
                precondition(count > 0 || errno == EINTR, "the system has no random numbers")
                filled += max(0, count)
            }
        }
        left = Self.size
    }
}
