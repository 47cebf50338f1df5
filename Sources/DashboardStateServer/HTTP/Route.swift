import Glibc

/// What a path names. It is judged from `SCRIPT_NAME` and `PATH_INFO` together, since web servers cut it differently:
/// nginx leaves all of it in the first, Apache and CGI divide it.
enum Route: Equatable {
    /// The state of the user and workspace: `{base}/state`.
    case state
    /// `/healthz`: the process answers.
    case health
    /// `/readyz`: Redis answers too.
    case readiness

    init?(scriptName: RawSpan, pathInfo: RawSpan, statePath: [UInt8]) {
        let route = scriptName.withUnsafeBytes { scriptName in
            pathInfo.withUnsafeBytes { Route(scriptName: scriptName, pathInfo: $0, statePath: statePath) }
        }
        guard let route else { return nil }
        self = route
    }

    private init?(scriptName: UnsafeRawBufferPointer, pathInfo: UnsafeRawBufferPointer, statePath: [UInt8]) {
        func isPath(_ path: UnsafeRawBufferPointer) -> Bool {
            guard path.count == scriptName.count + pathInfo.count else { return false }
            return path.starts(with: scriptName, at: 0) && path.starts(with: pathInfo, at: scriptName.count)
        }
        func isPath(_ path: StaticString) -> Bool {
            isPath(UnsafeRawBufferPointer(start: path.utf8Start, count: path.utf8CodeUnitCount))
        }
        if statePath.withUnsafeBytes({ isPath($0) }) {
            self = .state
        } else if isPath("/healthz") {
            self = .health
        } else if isPath("/readyz") {
            self = .readiness
        } else {
            return nil
        }
    }
}

extension UnsafeRawBufferPointer {
    /// Whether `part` lies at `offset`, from where on there is room for it.
    fileprivate func starts(with part: UnsafeRawBufferPointer, at offset: Int) -> Bool {
        guard !part.isEmpty, let baseAddress, let other = part.baseAddress else { return part.isEmpty }
        return memcmp(baseAddress + offset, other, part.count) == 0
    }
}
