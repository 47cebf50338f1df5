/// Memory that bytes are written into one behind the other, without an array's checks. Used again and again by its owner.
package struct ByteBuffer: ~Copyable {
    @usableFromInline package private(set) var pointer = UnsafeMutablePointer<UInt8>.allocate(capacity: usualCapacity)
    @usableFromInline package private(set) var count = 0
    @usableFromInline private(set) var capacity = usualCapacity

    /// Room that a buffer starts with, and how much one keeps that had to grow.
    private static let usualCapacity = 64 << 10

    package init() {}

    deinit { pointer.deallocate() }

    package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: pointer, count: count) }

    /// Forgets what was written, and gives memory back that is more than is usual and wanted.
    package mutating func removeAll(reserving wanted: Int) {
        count = 0
        if capacity > Self.usualCapacity, wanted <= Self.usualCapacity { replaceMemory(Self.usualCapacity) }
        reserve(wanted)
    }

    package mutating func append(_ byte: UInt8) {
        reserve(1)
        pointer[count] = byte
        count += 1
    }

    package mutating func append(_ source: UnsafePointer<UInt8>, _ length: Int) {
        reserve(length)
        (pointer + count).update(from: source, count: length)
        count += length
    }

    /// The same for pieces behind which ``slack`` bytes can be read, most of which are short: these are copied at a fixed
    /// length, which is less work than finding out how, and what is too much is overwritten by the next.
    @inline(__always)
    package mutating func append(padded piece: UnsafePointer<UInt8>, _ length: Int) {
        reserve(length)
        if length <= Self.slack {
            let (source, target) = (UnsafeRawPointer(piece), UnsafeMutableRawPointer(pointer + count))
            let first = source.loadUnaligned(as: SIMD16<UInt8>.self)
            let second = source.loadUnaligned(fromByteOffset: 16, as: SIMD16<UInt8>.self)
            target.storeBytes(of: first, as: SIMD16<UInt8>.self)
            target.storeBytes(of: second, toByteOffset: 16, as: SIMD16<UInt8>.self)
        } else {
            (pointer + count).update(from: piece, count: length)
        }
        count += length
    }

    package mutating func append(_ bytes: [UInt8]) {
        bytes.withUnsafeBufferPointer { bytes in
            if let source = bytes.baseAddress { append(source, bytes.count) }
        }
    }

    package mutating func append(_ bytes: RawSpan) {
        bytes.withUnsafeBytes { bytes in
            if let source = bytes.baseAddress { append(source.assumingMemoryBound(to: UInt8.self), bytes.count) }
        }
    }

    /// Appends the bytes of a literal.
    package mutating func append(_ text: StaticString) { append(text.utf8Start, text.utf8CodeUnitCount) }

    /// Appends a number, which is not negative, in decimal digits.
    package mutating func append(decimal number: Int) {
        let digits = Decimal.digitCount(number)
        reserve(digits)
        Decimal.write(number, digits, to: UnsafeMutableRawPointer(pointer + count))
        count += digits
    }

    /// Has bytes written by whoever knows how: many small pieces, for which room is made once.
    /// - Parameters:
    ///   - most: how many bytes at most.
    ///   - write: writes them from the address on, and returns where they end.
    @inline(__always)
    package mutating func append(most: Int, _ write: (UnsafeMutableRawPointer) -> UnsafeMutableRawPointer) {
        reserve(most)
        let start = UnsafeMutableRawPointer(pointer + count)
        count += write(start) - start
    }

    /// Replaces the bytes from `start` on by as many others.
    package mutating func replace(from start: Int, with other: borrowing ByteBuffer) {
        (pointer + start).update(from: other.pointer, count: other.count)
    }

    /// How far behind what was written memory can still be read and written.
    package static let slack = 32

    @inline(__always)
    private mutating func reserve(_ additional: Int) {
        if capacity - count < additional + Self.slack {
            replaceMemory(max(capacity * 2, count + additional + Self.slack))
        }
    }

    private mutating func replaceMemory(_ wanted: Int) {
        let next = UnsafeMutablePointer<UInt8>.allocate(capacity: wanted)
        next.update(from: pointer, count: count)
        pointer.deallocate()
        pointer = next
        capacity = wanted
    }
}
