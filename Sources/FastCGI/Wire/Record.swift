/// The wire of FastCGI 1.0: every message is a record of an 8-byte header, content and padding.
///
/// Source: FastCGI Specification, <https://fastcgi-archives.github.io/FastCGI_Specification.html>, sections 3.3 and 8.
enum Record {
    static let headerLength = 8
    /// The most content one record carries, kept to a multiple of eight so that no padding is called for.
    static let longestContent = 65528
    /// The content of an `FCGI_BEGIN_REQUEST` record.
    static let beginContentLength = 8
    /// An `FCGI_END_REQUEST` record with its body.
    static let endLength = 16

    /// The role of a program that answers requests.
    static let responderRole: UInt16 = 1
    /// The flag of `FCGI_BEGIN_REQUEST` that asks to keep the connection.
    static let keepsConnection: UInt8 = 1

    /// Record types that a web server and a responder exchange. Those of management are of no request.
    enum Kind: UInt8 {
        case beginRequest = 1
        case abortRequest = 2
        case endRequest = 3
        case params = 4
        case stdin = 5
        case stdout = 6
        case getValues = 9
        case getValuesResult = 10
        case unknownType = 11

        /// Whether it answers a management record, and wants no answer itself.
        var isManagementAnswer: Bool { self == .getValuesResult || self == .unknownType }
    }

    /// How a request ended, as the web server is told in `FCGI_END_REQUEST`.
    enum ProtocolStatus: UInt8 {
        case requestComplete = 0
        /// The connection carries another request already.
        case cannotMultiplex = 1
        case unknownRole = 3
    }

    /// How a record begins in memory: version, type and id.
    static func beginning(_ kind: Kind, id: UInt16) -> UInt32 {
        (1 | UInt32(kind.rawValue) << 8 | UInt32(id.bigEndian) << 16).littleEndian
    }

    /// How many bytes of content follow a header.
    @inline(__always)
    static func contentLength(_ header: UnsafeRawPointer) -> Int {
        Int(UInt16(bigEndian: header.loadUnaligned(fromByteOffset: 4, as: UInt16.self)))
    }

    /// How many bytes of padding follow the content.
    @inline(__always)
    static func paddingLength(_ header: UnsafeRawPointer) -> Int { Int(header.load(fromByteOffset: 6, as: UInt8.self)) }

    /// Writes a header at `target`, which has room for 8 bytes.
    static func writeHeader(_ kind: Kind, id: UInt16, length: Int, to target: UnsafeMutableRawPointer) {
        let bytes = target.assumingMemoryBound(to: UInt8.self)
        bytes[0] = 1
        bytes[1] = kind.rawValue
        bytes[2] = UInt8(id >> 8)
        bytes[3] = UInt8(truncatingIfNeeded: id)
        bytes[4] = UInt8(length >> 8)
        bytes[5] = UInt8(truncatingIfNeeded: length)
        bytes[6] = 0
        bytes[7] = 0
    }

    /// Writes a whole `FCGI_BEGIN_REQUEST` record for a responder whose connection is kept, of request 1, at `target`,
    /// which has room for 16 bytes.
    static func writeBegin(to target: UnsafeMutableRawPointer) {
        writeHeader(.beginRequest, id: 1, length: beginContentLength, to: target)
        target.storeBytes(of: 0, toByteOffset: 8, as: UInt64.self)
        target.storeBytes(of: UInt8(responderRole), toByteOffset: 9, as: UInt8.self)
        target.storeBytes(of: keepsConnection, toByteOffset: 10, as: UInt8.self)
    }

    /// Writes a whole `FCGI_END_REQUEST` record at `target`, which has room for 16 bytes.
    static func writeEnd(_ status: ProtocolStatus, id: UInt16, to target: UnsafeMutableRawPointer) {
        writeHeader(.endRequest, id: id, length: 8, to: target)
        target.storeBytes(of: 0, toByteOffset: 8, as: UInt64.self)
        target.storeBytes(of: status.rawValue, toByteOffset: 12, as: UInt8.self)
    }
}
