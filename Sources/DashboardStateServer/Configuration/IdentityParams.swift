import FastCGI

/// Names of the FastCGI parameters that carry who a request is for.
struct IdentityParams: Equatable, Sendable {
    let user: [UInt8]
    let workspace: [UInt8]

    /// Reads and checks the names.
    /// - Parameters:
    ///   - isProven: whether requests prove by a secret that they come from the web server; without it a name that a
    ///     client can set is refused.
    ///   - isCGI: whether the environment holds the parameters of a request, too: then nothing is proven.
    init(_ environment: Environment, isProven: Bool, isCGI: Bool = false) throws(ConfigurationError) {
        user = try Self.name("IDENTITY_USER_PARAM", default: "REMOTE_USER", environment)
        workspace = try Self.name("IDENTITY_WORKSPACE_PARAM", default: "REMOTE_WORKSPACE", environment)
        for (variable, name) in [("IDENTITY_USER_PARAM", user), ("IDENTITY_WORKSPACE_PARAM", workspace)] {
            let param = String(decoding: name, as: UTF8.self)
            guard !RequestParams.contain(param) else { throw .partOfRequest(variable: variable, param: param) }
            guard param.hasPrefix("HTTP_") else { continue }
            guard !isCGI else { throw .forgeableAsCGI(variable: variable, param: param) }
            guard isProven else { throw .forgeable(variable: variable, param: param) }
        }
        guard user != workspace else { throw .sameParam(String(decoding: user, as: UTF8.self)) }
    }

    private static func name(
        _ variable: String,
        default standard: String,
        _ environment: Environment
    ) throws(ConfigurationError) -> [UInt8] {
        let name = environment[variable] ?? standard
        let isWellFormed = name.utf8.allSatisfy { byte in
            (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) || (0x30...0x39).contains(byte)
                || byte == UInt8(ascii: "_")
        }
        guard isWellFormed, name.utf8.count <= ParamNames.longestName else {
            throw .invalid(
                setting: variable,
                value: name,
                expected: "a parameter's name of at most 63 characters A-Z, 0-9 and _, such as HTTP_X_AUTH_REQUEST_USER"
            )
        }
        return Array(name.utf8)
    }
}
