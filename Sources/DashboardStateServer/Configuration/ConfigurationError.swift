import Glibc

/// Why the settings do not make a service, in words for whoever starts it. Secrets are never among them.
public enum ConfigurationError: Error, Equatable, CustomStringConvertible {
    /// A value that the setting does not take.
    case invalid(setting: String, value: String, expected: String)
    /// Two settings that exclude each other.
    case both(String, String)
    /// A setting that is of no use without another one, which is not set.
    case needs(String, String)
    /// A number that must be below another setting's.
    case notBelow(String, Int, String, Int)
    /// A file with a secret that cannot be read.
    case unreadableFile(variable: String, path: String, errno: Int32)
    /// Something that is no file, and what it is, in place of a file with a secret.
    case noFile(variable: String, path: String, kind: String)
    /// A file with a secret that holds none.
    case emptyFile(variable: String, path: String)
    /// A file with a secret that is longer than one can be, in bytes.
    case longFile(variable: String, path: String, limit: Int)
    /// A file with a secret that is so short that it can be guessed, in bytes.
    case shortFile(variable: String, path: String, least: Int)
    /// A secret, or the name of its file, that is set and empty.
    case emptySecret(variable: String)
    /// A secret of the web server's that no parameter can hold: longer than so many bytes, or with a NUL in it.
    case unusableProxySecret(limit: Int)
    /// A parameter with identity that says something else, which clients write.
    case partOfRequest(variable: String, param: String)
    /// A parameter with identity that a client can set, where no secret helps.
    case forgeableAsCGI(variable: String, param: String)
    /// A parameter with identity that a client can set.
    case forgeable(variable: String, param: String)
    /// Other machines can reach the socket.
    case reachable(listener: String)
    /// No socket can be made where it is to be, or what was handed over is none.
    case listening(String)
    /// User and workspace come from one parameter.
    case sameParam(String)
    /// `REDIS_URL` is unusable.
    case redis(String)
    /// A setting of traces is unusable; its value may hold a secret.
    case traces(setting: String, reason: String)

    /// One sentence: what is wrong and what to do.
    public var description: String {
        switch self {
        case .invalid(let setting, let value, let expected):
            "\(setting) is '\(value)': expected \(expected)"
        case .both(let one, let other):
            "\(one) and \(other) are both set: leave one of them out"
        case .needs(let one, let other):
            "\(one) is set, and needs \(other)"
        case .notBelow(let one, let value, let other, let limit):
            "\(one) is \(value), and must be below \(other), which is \(limit)"
        case .unreadableFile(let variable, let path, let errno):
            "\(variable) names '\(path)', which cannot be read: \(String(cString: strerror(errno)))"
        case .noFile(let variable, let path, let kind):
            "\(variable) names '\(path)', which is \(kind): a secret is read from a file"
        case .emptyFile(let variable, let path):
            "\(variable) names '\(path)', which is empty"
        case .longFile(let variable, let path, let limit):
            "\(variable) names '\(path)', which holds more than the \(limit) bytes that a secret can have"
        case .shortFile(let variable, let path, let least):
            "\(variable) names '\(path)', which holds fewer than the \(least) bytes that it takes: openssl rand -hex 32 makes some"
        case .emptySecret(let variable):
            "\(variable) is set, and empty: give it a value, or leave it out"
        case .unusableProxySecret(let limit):
            """
            the secret of PROXY_SECRET or PROXY_SECRET_FILE has more than \(limit) bytes, or a NUL byte among them (is the \
            file no text, or UTF-16?): no parameter of a request can be like that
            """
        case .partOfRequest(let variable, let param):
            """
            \(variable) is \(param), which is a part of the request itself: clients write it. Use a parameter that only the \
            web server sets, such as REMOTE_USER or REMOTE_WORKSPACE
            """
        case .forgeableAsCGI(let variable, let param):
            """
            \(variable) is \(param), a request header, which a client can send itself. A CGI program cannot tell its \
            settings from a request's parameters, so that no secret helps: use a parameter that does not start with HTTP_, or \
            FastCGI
            """
        case .forgeable(let variable, let param):
            """
            \(variable) is \(param), a request header, which a client can send itself. Set PROXY_SECRET or \
            PROXY_SECRET_FILE here and the parameter PROXY_SECRET in the web server, or use a parameter that does not \
            start with HTTP_
            """
        case .reachable(let listener):
            """
            \(listener) can be reached from other machines, which could pass for the web server. Set PROXY_SECRET or \
            PROXY_SECRET_FILE here and the parameter PROXY_SECRET in the web server, or listen on a Unix socket or \
            on loopback
            """
        case .sameParam(let param):
            "IDENTITY_USER_PARAM and IDENTITY_WORKSPACE_PARAM are both \(param): they must differ"
        case .redis(let message), .listening(let message):
            message
        case .traces(let setting, let reason):
            "\(setting) \(reason)"
        }
    }
}
