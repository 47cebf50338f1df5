import Bytes
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
    init(_ settings: SettingReader, isProven: Bool, isCGI: Bool = false) throws(ConfigurationError) {
        user = try Self.name(.identityUser, settings)
        workspace = try Self.name(.identityWorkspace, settings)
        for (setting, name) in [(Setting.identityUser, user), (.identityWorkspace, workspace)] {
            let variable = setting.variable
            let param = String(decoding: name, as: UTF8.self)
            guard !RequestParams.contain(param) else { throw .partOfRequest(variable: variable, param: param) }
            guard RequestParams.isField(param) else { continue }
            guard !isCGI else { throw .forgeableAsCGI(variable: variable, param: param) }
            guard isProven else { throw .forgeable(variable: variable, param: param) }
        }
        guard user != workspace else { throw .sameParam(String(decoding: user, as: UTF8.self)) }
    }

    private static func name(_ setting: Setting, _ settings: SettingReader) throws(ConfigurationError) -> [UInt8] {
        try settings.value(setting) { name in
            let isWellFormed = name.utf8.allSatisfy { byte in
                (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) || Decimal.isDigit(byte)
                    || byte == UInt8(ascii: "_")
            }
            return isWellFormed && name.utf8.count <= ParamNames.longestName ? Array(name.utf8) : nil
        }
    }
}
