import DashboardState
import FastCGI
import Logging
import RESP

/// Options as they were given on the command line; `nil` leaves the environment or the default to decide.
public struct Options: Sendable {
    /// `--listen`
    public var listen: String?
    /// `--socket-mode`
    public var socketMode: String?
    /// `--socket-group`
    public var socketGroup: String?
    /// `--redis`
    public var redis: String?
    /// `--redis-timeout`
    public var redisTimeout: String?
    /// `--threads`
    public var threads: String?
    /// `--max-body`
    public var maxBody: String?
    /// `--base-path`
    public var basePath: String?
    /// `--drain-timeout`
    public var drainTimeout: String?
    /// `--log-level`
    public var logLevel: String?
    /// `--log-format`
    public var logFormat: String?

    /// No options.
    public init() {}
}

/// All settings of a service, checked: whatever is wrong is found before anything is started.
public struct Configuration: Sendable {
    /// Where to listen, unless a socket was handed over.
    public let listen: ListenAddress
    /// Who may connect to a Unix socket.
    public let socketAccess: SocketAccess
    /// How much is logged.
    public let logLevel: Logger.Level
    /// In which form.
    public let logFormat: LogFormat
    /// Nanoseconds that a stopping service gives its connections.
    public let drainTimeout: UInt64
    /// Event loops, each a thread.
    public let threads: Int
    /// Redis, with its credentials.
    public let redis: Endpoint
    /// What could not be used as it was set, and what is used instead; to be logged.
    public let warnings: [String]

    /// Reads the password of Redis anew, where a file holds it.
    let readRedisPassword: @Sendable () -> [UInt8]?
    let redisTimeout: UInt64
    let maxBody: Int
    let statePath: [UInt8]
    let keyPrefix: [UInt8]
    let secondsToLive: Int
    let renewsOnRead: Bool
    let requiresPrecondition: Bool
    let identity: IdentityParams
    let proxySecret: Secret?

    static let defaultSecondsToLive = 2_592_000

    /// Reads every setting: an option, or else its environment variable, or else its default.
    /// - Parameter isCGI: whether the environment holds the parameters of a request, too.
    /// - Throws: ``ConfigurationError``, at the first setting that is wrong.
    public init(
        options: Options = Options(),
        environment: Environment = .process,
        isCGI: Bool = false
    ) throws(ConfigurationError) {
        func text(_ option: String?, _ variable: String, default standard: String) -> String {
            // Asked in any case, so that it is known to exist.
            let value = environment[variable]
            return option ?? value ?? standard
        }
        func number(
            _ option: String?,
            _ name: String,
            _ variable: String,
            default standard: Int,
            in range: ClosedRange<Int>,
            of unit: String
        ) throws(ConfigurationError) -> Int {
            let value = text(option, variable, default: String(standard))
            guard let number = Int(value), range.contains(number) else {
                let expected = "\(unit), \(range.lowerBound) to \(range.upperBound)"
                throw .invalid(setting: "\(name) (\(variable))", value: value, expected: expected)
            }
            return number
        }
        func choice<Value>(
            _ value: String,
            _ name: String,
            _ expected: String,
            _ read: (String) -> Value?
        ) throws(ConfigurationError) -> Value {
            guard let result = read(value) else { throw .invalid(setting: name, value: value, expected: expected) }
            return result
        }

        let address = text(options.listen, "DASHBOARD_STATE_LISTEN", default: "unix:/run/dashboard-state/worker.sock")
        do { listen = try ListenAddress(address) } catch {
            throw .invalid(
                setting: "--listen (DASHBOARD_STATE_LISTEN)",
                value: address,
                expected: "unix:/absolute/path or tcp:host:port"
            )
        }
        let mode = try choice(
            text(options.socketMode, "DASHBOARD_STATE_SOCKET_MODE", default: "0660"),
            "--socket-mode (DASHBOARD_STATE_SOCKET_MODE)",
            "permission bits in octal, such as 0660"
        ) { UInt32($0, radix: 8).flatMap { $0 <= 0o777 ? $0 : nil } }
        let group = text(options.socketGroup, "DASHBOARD_STATE_SOCKET_GROUP", default: "")
        socketAccess = SocketAccess(mode: mode, group: group.isEmpty ? nil : group)
        logLevel = try choice(
            text(options.logLevel, "DASHBOARD_STATE_LOG_LEVEL", default: "info"),
            "--log-level (DASHBOARD_STATE_LOG_LEVEL)",
            "trace, debug, info, notice, warning, error or critical",
            Logger.Level.init(rawValue:)
        )
        logFormat = try choice(
            text(options.logFormat, "DASHBOARD_STATE_LOG_FORMAT", default: "text"),
            "--log-format (DASHBOARD_STATE_LOG_FORMAT)",
            "text or json",
            LogFormat.init(rawValue:)
        )
        drainTimeout =
            UInt64(
                try number(
                    options.drainTimeout,
                    "--drain-timeout",
                    "DASHBOARD_STATE_DRAIN_TIMEOUT",
                    default: 10,
                    in: 0...3600,
                    of: "seconds"
                )
            ) * 1_000_000_000
        threads = try number(
            options.threads,
            "--threads",
            "DASHBOARD_STATE_THREADS",
            default: Server.usualThreadCount,
            in: 1...1024,
            of: "a number of threads"
        )
        redisTimeout =
            UInt64(
                try number(
                    options.redisTimeout,
                    "--redis-timeout",
                    "REDIS_TIMEOUT",
                    default: 2000,
                    in: 10...60000,
                    of: "milliseconds"
                )
            ) * 1_000_000
        maxBody = try number(
            options.maxBody,
            "--max-body",
            "DASHBOARD_STATE_MAX_BODY",
            default: 1 << 20,
            in: 1024...(64 << 20),
            of: "bytes"
        )
        let base = try choice(
            text(options.basePath, "DASHBOARD_STATE_BASE_PATH", default: "/api/dashboard"),
            "--base-path (DASHBOARD_STATE_BASE_PATH)",
            "a path that starts with / and does not end with it"
        ) { $0.hasPrefix("/") && !$0.hasSuffix("/") && !$0.contains("?") ? $0 : nil }
        statePath = Array("\(base)/state".utf8)

        let url = text(options.redis, "REDIS_URL", default: "redis://127.0.0.1:6379")
        redis = try Self.redisEndpoint(url, environment)
        readRedisPassword = { (try? environment.secretFile("REDIS_PASSWORD_FILE")) ?? nil }
        keyPrefix = Array((environment["REDIS_KEY_PREFIX"] ?? StateKey.defaultPrefix).utf8)
        var warnings: [String] = []
        secondsToLive = Self.secondsToLive(environment, &warnings)
        renewsOnRead = try choice(
            environment["REDIS_STATE_TTL_RENEW"] ?? "read",
            "REDIS_STATE_TTL_RENEW",
            "read or save"
        ) { ["read": true, "save": false][$0] }
        requiresPrecondition = try choice(
            environment["REQUIRE_PRECONDITION"] ?? "off",
            "REQUIRE_PRECONDITION",
            "on or off"
        ) { ["on": true, "off": false][$0] }

        let secret = try environment.secret("PROXY_SECRET").map { Array($0.utf8) }
        let secretFromFile = try environment.secretFile("PROXY_SECRET_FILE")
        guard secret == nil || secretFromFile == nil else { throw .both("PROXY_SECRET", "PROXY_SECRET_FILE") }
        proxySecret = (secret ?? secretFromFile).map(Secret.init)
        identity = try IdentityParams(environment, isProven: proxySecret != nil, isCGI: isCGI)
        self.warnings = warnings + environment.unknownNames().map { "there is no setting \($0): is it misspelt?" }
    }

    /// Refuses to serve other machines without a secret.
    public func check(_ listeners: [Listener]) throws(ConfigurationError) {
        guard proxySecret == nil, let listener = listeners.first(where: \.isRemote) else { return }
        throw .reachable(listener: listener.name)
    }

    private static func redisEndpoint(
        _ url: String,
        _ environment: Environment
    ) throws(ConfigurationError) -> Endpoint {
        do {
            var endpoint = try Endpoint(url)
            if let password = try environment.secretFile("REDIS_PASSWORD_FILE") {
                endpoint.password = password
            }
            guard endpoint.username == nil || endpoint.password != nil else {
                throw RESPError.invalidURL("a user without a password: set REDIS_PASSWORD_FILE, or write user:@")
            }
            return endpoint
        } catch let error as ConfigurationError {
            throw error
        } catch {
            throw .redis("--redis (REDIS_URL): \(error)")
        }
    }

    /// A service with a wrong time to live is better than none: it takes the default, and says so.
    private static func secondsToLive(_ environment: Environment, _ warnings: inout [String]) -> Int {
        guard let text = environment["REDIS_STATE_TTL"] else { return defaultSecondsToLive }
        if let seconds = Int(text), (1...Int(Int32.max)).contains(seconds) { return seconds }
        warnings.append(
            """
            REDIS_STATE_TTL is '\(text)': expected seconds, 1 to \(Int32.max); \
            \(defaultSecondsToLive) (30 days) is used instead
            """
        )
        return defaultSecondsToLive
    }
}
