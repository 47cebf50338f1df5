import Bytes

/// Answers to what a web server says beside its requests, as whole records.
///
/// Source: FastCGI Specification, sections 4.1, 4.2 and 5.5.
enum ManagementRecords {
    /// `FCGI_GET_VALUES_RESULT`: of the variables that are asked for, those that there are.
    /// - Parameters:
    ///   - content: pairs with empty values. What is no list of pairs is looked at as far as it is one.
    ///   - capacity: how many connections there can be; each carries one request.
    static func values(_ content: UnsafeRawBufferPointer, capacity: Int) -> [UInt8] {
        let known: [(name: StaticString, value: String)] = [
            ("FCGI_MAX_CONNS", "\(capacity)"), ("FCGI_MAX_REQS", "\(capacity)"), ("FCGI_MPXS_CONNS", "0"),
        ]
        var isAsked = known.map { _ in false }
        var at = 0
        while let pair = ParamPairs.take(content, &at) {
            for (index, variable) in known.enumerated() where pair.name.equals(variable.name) { isAsked[index] = true }
        }
        var answer: [UInt8] = []
        for (variable, isAsked) in zip(known, isAsked) where isAsked {
            answer += [UInt8(variable.name.utf8CodeUnitCount), UInt8(variable.value.utf8.count)]
            variable.name.withUTF8Buffer { answer += $0 }
            answer += variable.value.utf8
        }
        return record(.getValuesResult, answer)
    }

    /// `FCGI_UNKNOWN_TYPE`.
    static func unknownType(_ kind: UInt8) -> [UInt8] { record(.unknownType, [kind, 0, 0, 0, 0, 0, 0, 0]) }

    /// `FCGI_END_REQUEST` of a request that was not begun, with the status that says why.
    static func end(_ id: UInt16, _ status: Record.ProtocolStatus) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Record.endLength) { bytes, count in
            Record.writeEnd(status, id: id, to: bytes.baseAddress!)
            count = Record.endLength
        }
    }

    private static func record(_ kind: Record.Kind, _ content: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Record.headerLength) { bytes, count in
            Record.writeHeader(kind, id: 0, length: content.count, to: bytes.baseAddress!)
            count = Record.headerLength
        } + content
    }
}
