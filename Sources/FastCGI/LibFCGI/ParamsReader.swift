import CFastCGI
import CLinux
import Glibc

/// Has libfcgi read the parameters of a request, out of records that hold nothing but those that are wanted.
///
/// libfcgi asserts on absurd lengths of parameters, joins a name and its value with `=` whatever the name holds, and
/// hands out C strings, in which a NUL would cut a value short. So the pairs are looked at here first.
///
/// One is enough for a thread: what libfcgi makes of a request is needed only while it is handled.
final class ParamsReader {
    private let names: ParamNames
    /// On the heap, since libfcgi's streams keep its address.
    private let request: UnsafeMutablePointer<FCGX_Request>
    /// Brings libfcgi the bytes where ``LibFCGIInput`` cannot.
    private let pipe: Pipe?
    /// The records that libfcgi gets: the beginning of a request, its parameters, and their end.
    private let records = UnsafeMutableRawBufferPointer.allocate(
        byteCount: paramsStart + RecordReader.longestParams + Record.headerLength,
        alignment: 16
    )

    /// Which pairs are among the records. There is room for as many as they can hold: two lengths and a name take three
    /// bytes.
    private let taken = UnsafeMutablePointer<Pair>.allocate(capacity: RecordReader.longestParams / 3)
    private var takenCount = 0
    /// The value of each name, in libfcgi's memory.
    private let values: UnsafeMutableBufferPointer<UnsafeRawBufferPointer>
    /// Values of lists that came in several fields. Unchecked, since every request asks whether there are any, and one
    /// reader is one loop's.
    @exclusivity(unchecked) private var joined: [UnsafeMutableRawBufferPointer] = []

    /// A pair that is wanted. All of it fits, since no request's parameters have more than 65,535 bytes.
    private struct Pair {
        /// Of its name, among those that are wanted.
        var index: UInt16
        /// Where its name lies behind the start of the parameters.
        var name: UInt16
        var nameLength: UInt16
        var valueLength: UInt16
    }

    private static let paramsStart = 2 * Record.headerLength + Record.beginContentLength

    /// - Parameter usesPipe: whether the bytes go through a pipe; as they must, unless a test says otherwise.
    init(_ names: ParamNames, usesPipe: Bool? = nil) throws(FastCGIError) {
        try LibFCGI.initialise()
        self.names = names
        values = .allocate(capacity: names.count)
        pipe = usesPipe ?? !LibFCGIInput.isInPlace ? try Pipe() : nil
        request = .allocate(capacity: 1)
        FCGX_InitRequest(request, -1, 0)
        Record.writeBegin(to: records.baseAddress!)
    }

    deinit {
        FCGX_Free(request, 0)
        forgetJoined()
        request.deallocate()
        records.deallocate()
        values.deallocate()
        taken.deallocate()
    }

    /// Whether what was read last has a value that is wanted and holds a NUL, so that there are no parameters.
    private(set) var hasFoundNUL = false

    /// Reads the content of a request's `FCGI_PARAMS` records, at most ``RecordReader/longestParams`` bytes.
    ///
    /// What was read before is forgotten.
    /// - Returns: the parameters, or `nil` if the content is not a list of pairs, or ``hasFoundNUL``.
    @_lifetime(borrow self)
    func read(_ content: UnsafeRawBufferPointer) -> Params? {
        // Not libfcgi's own way to end a request, which would write and linger.
        FCGX_Free(request, 0)
        if !joined.isEmpty { forgetJoined() }
        let length = names.withLookup { takeWanted(content, $0) }
        guard let length, parse(length), findValues() else { return nil }
        return _overrideLifetime(Params(UnsafeBufferPointer(values), names), borrowing: self)
    }

    /// Parameters of which there are none. ``hasFoundNUL`` stays as it is.
    @_lifetime(borrow self)
    func readNothing() -> Params? {
        let hadFoundNUL = hasFoundNUL
        let none = read(UnsafeRawBufferPointer(start: nil, count: 0))
        hasFoundNUL = hadFoundNUL
        return none
    }

    /// Copies the pairs that are wanted.
    /// - Returns: how many bytes they are, or `nil` where the pairs do not add up.
    private func takeWanted(_ content: UnsafeRawBufferPointer, _ wanted: ParamNames.Lookup) -> Int? {
        guard content.count <= RecordReader.longestParams, let target = records.baseAddress else { return nil }
        var at = 0
        var end = Self.paramsStart
        takenCount = 0
        hasFoundNUL = false
        while at < content.count {
            let start = at
            guard let nameLength = ParamPairs.takeLength(content, &at),
                let valueLength = ParamPairs.takeLength(content, &at),
                nameLength + valueLength <= content.count - at
            else { return nil }
            let name = content.baseAddress! + at
            let headLength = at - start
            at += nameLength + valueLength
            guard let index = wanted.index(of: name, nameLength) else { continue }
            guard memchr(name + nameLength, 0, valueLength) == nil else {
                hasFoundNUL = true
                return nil
            }
            memcpy(target + end, content.baseAddress! + start, at - start)
            taken[takenCount] = Pair(
                index: UInt16(index),
                name: UInt16(end - Self.paramsStart + headLength),
                nameLength: UInt16(nameLength),
                valueLength: UInt16(valueLength)
            )
            takenCount += 1
            end += at - start
        }
        return end - Self.paramsStart
    }

    /// Notes where libfcgi has put the values: it keeps the pairs in order, as `NAME=VALUE`, behind an entry of its own.
    /// - Returns: false if it has not, as no libfcgi that is known would.
    private func findValues() -> Bool {
        values.initialize(repeating: UnsafeRawBufferPointer(start: nil, count: 0))
        guard var entry = request.pointee.envp else { return false }
        let params = records.baseAddress! + Self.paramsStart
        let lists = names.lists
        var isListRepeated = false
        for pair in UnsafeBufferPointer(start: taken, count: takenCount) {
            entry += 1
            let length = Int(pair.nameLength)
            guard let text = entry.pointee, memcmp(text, params + Int(pair.name), length) == 0,
                text[length] == CChar(UInt8(ascii: "="))
            else { return false }
            let index = Int(pair.index)
            if index < lists, values[index].baseAddress != nil { isListRepeated = true }
            values[index] = UnsafeRawBufferPointer(start: text + length + 1, count: Int(pair.valueLength))
        }
        if isListRepeated { joinLists() }
        return true
    }

    /// Joins the values of each list that came in several fields, in their order, as RFC 9110, section 5.2, has it.
    private func joinLists() {
        for list in 0..<names.lists {
            let pairs = UnsafeBufferPointer(start: taken, count: takenCount).enumerated().filter { $1.index == list }
            guard pairs.count > 1 else { continue }
            let length = pairs.reduce(2 * pairs.count) { $0 + Int($1.element.valueLength) }
            let target = UnsafeMutableRawBufferPointer.allocate(byteCount: length, alignment: 1)
            var end = 0
            for (place, pair) in pairs {
                guard let text = request.pointee.envp[place + 1] else { continue }
                if end > 0 {
                    target[end] = UInt8(ascii: ",")
                    target[end + 1] = UInt8(ascii: " ")
                    end += 2
                }
                memcpy(target.baseAddress! + end, text + Int(pair.nameLength) + 1, Int(pair.valueLength))
                end += Int(pair.valueLength)
            }
            joined.append(target)
            values[list] = UnsafeRawBufferPointer(rebasing: target[..<end])
        }
    }

    private func forgetJoined() {
        for value in joined { value.deallocate() }
        joined = []
    }

    private func parse(_ length: Int) -> Bool {
        let header = records.baseAddress! + (Self.paramsStart - Record.headerLength)
        var end = Self.paramsStart
        if length > 0 {
            Record.writeHeader(.params, id: 1, length: length, to: header)
            Record.writeHeader(.params, id: 1, length: 0, to: header + Record.headerLength + length)
            end += length + Record.headerLength
        } else {
            Record.writeHeader(.params, id: 1, length: 0, to: header)
        }
        let bytes = UnsafeRawBufferPointer(rebasing: records[..<end])
        // Where libfcgi closes its descriptor, it does not linger for bytes of a peer.
        request.pointee.detached = 1
        // Else libfcgi closes it before it has read.
        request.pointee.keepConnection = 1
        guard let pipe else {
            request.pointee.ipcFd = LibFCGIInput.descriptor
            return LibFCGIInput.with(bytes) { FCGX_Accept_r(request) } == 0
        }
        guard pipe.write(bytes) else { return false }
        request.pointee.ipcFd = pipe.output
        if FCGX_Accept_r(request) == 0 { return true }
        // libfcgi has closed what it was reading from.
        pipe.reopen()
        return false
    }
}

/// A pipe that holds one request at a time.
private final class Pipe {
    private(set) var output: Int32 = -1
    private var input: Int32 = -1

    init() throws(FastCGIError) {
        guard open() else { throw .last("pipe", "libfcgi's input") }
    }

    deinit {
        close(input)
        close(output)
    }

    func write(_ bytes: UnsafeRawBufferPointer) -> Bool {
        Glibc.write(input, bytes.baseAddress, bytes.count) == bytes.count
    }

    func reopen() {
        close(input)
        _ = open()
    }

    private func open() -> Bool {
        var ends: [Int32] = [-1, -1]
        guard pipe2(&ends, O_CLOEXEC | O_NONBLOCK) == 0 else { return false }
        (output, input) = (ends[0], ends[1])
        // F_SETPIPE_SZ: the usual 64 KiB are a little less than the longest request takes.
        _ = fcntl(input, 1031, 128 << 10)
        return true
    }
}
