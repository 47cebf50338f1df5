/// What a path names. It is judged from `SCRIPT_NAME` and `PATH_INFO` together, since web servers cut it differently:
/// nginx leaves all of it in the first, Apache and CGI divide it.
enum Route: Equatable {
    /// The state of the user and workspace: `{base}/state`.
    case state
    /// `/healthz`: the process answers.
    case health
    /// `/readyz`: Redis answers too.
    case readiness
    /// `/metrics`.
    case metrics

    init?(scriptName: UnsafeRawBufferPointer, pathInfo: UnsafeRawBufferPointer, statePath: [UInt8]) {
        func isPath(_ path: some Collection<UInt8>) -> Bool {
            path.count == scriptName.count + pathInfo.count
                && path.prefix(scriptName.count).elementsEqual(scriptName)
                && path.dropFirst(scriptName.count).elementsEqual(pathInfo)
        }
        if isPath(statePath) {
            self = .state
        } else if isPath("/healthz".utf8) {
            self = .health
        } else if isPath("/readyz".utf8) {
            self = .readiness
        } else if isPath("/metrics".utf8) {
            self = .metrics
        } else {
            return nil
        }
    }
}
