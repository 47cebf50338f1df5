import CFastCGI
import Glibc

/// Where libfcgi's reads come from, on this thread: bytes that have arrived and were looked at, and never a descriptor.
///
/// libfcgi does its reading through `OS_Read` of its own operating-system layer (`fcgios.h`), and a program's function
/// of that name takes the place of the library's, as the dynamic linker resolves it. So no read of libfcgi's can
/// block, and none costs a system call. Where a library was linked so that it keeps to its own (`-Bsymbolic`), a pipe
/// brings it the bytes instead; ``isInPlace`` tells.
struct LibFCGIInput {
    /// What of the bytes libfcgi has not read yet.
    fileprivate var rest: UnsafeRawBufferPointer

    /// A descriptor that libfcgi does not find out to be none, since it only hands it to `OS_Read`.
    static let descriptor = Int32.max

    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        let status = pthread_key_create(&key, nil)
        precondition(status == 0, "no thread-specific data left")
        return key
    }()

    /// Has every read on this thread served from `bytes` while `body` runs.
    static func with<Result>(_ bytes: UnsafeRawBufferPointer, _ body: () -> Result) -> Result {
        var input = LibFCGIInput(rest: bytes)
        return withUnsafeMutablePointer(to: &input) { input in
            pthread_setspecific(key, input)
            defer { pthread_setspecific(key, nil) }
            return body()
        }
    }

    fileprivate static var current: UnsafeMutablePointer<LibFCGIInput>? {
        pthread_getspecific(key)?.assumingMemoryBound(to: LibFCGIInput.self)
    }

    /// Whether libfcgi, once initialised, reads through the function below; found out by having it read a request.
    static let isInPlace: Bool = {
        let request = UnsafeMutablePointer<FCGX_Request>.allocate(capacity: 1)
        defer { request.deallocate() }
        FCGX_InitRequest(request, -1, 0)
        request.pointee.ipcFd = descriptor
        request.pointee.keepConnection = 1
        request.pointee.detached = 1
        let status = withUnsafeTemporaryAllocation(byteCount: 24, alignment: 8) { head in
            Record.writeBegin(to: head.baseAddress!)
            Record.writeHeader(.params, id: 1, length: 0, to: head.baseAddress! + 16)
            return with(UnsafeRawBufferPointer(head)) { FCGX_Accept_r(request) }
        }
        FCGX_Free(request, 0)
        return status == 0
    }()
}

/// Takes the place of libfcgi's function of this name: the next bytes that have arrived, or `read(2)` where nothing
/// was laid out for this thread.
@_cdecl("OS_Read")
public func readForLibFCGI(_ descriptor: Int32, _ buffer: UnsafeMutablePointer<CChar>?, _ length: Int) -> Int32 {
    guard let input = LibFCGIInput.current else { return Int32(truncatingIfNeeded: read(descriptor, buffer, length)) }
    let count = min(length, input.pointee.rest.count)
    guard count > 0, let source = input.pointee.rest.baseAddress, let buffer else { return 0 }
    memcpy(buffer, source, count)
    input.pointee.rest = UnsafeRawBufferPointer(rebasing: input.pointee.rest[count...])
    return Int32(count)
}
