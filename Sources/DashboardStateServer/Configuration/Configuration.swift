import DashboardState
import FastCGI
import Logging
import StateStore

/// All settings of a service, checked: whatever is wrong is found before anything is started.
public struct Configuration: Sendable {
    /// Where to listen, unless a socket was handed over.
    public let listen: ListenAddress
    let isListenSet: Bool
    /// Who may connect to a Unix socket.
    public let socketAccess: SocketAccess
    /// How much is logged.
    public let logLevel: Logger.Level
    /// In which form.
    public let logFormat: LogFormat
    /// How many requests leave a line in a second, 0 for all; `nil` where nobody has said.
    let logRate: Int?
    /// A secret that the log's hashes of identities depend on; `nil` where nobody shares one.
    let logIDKey: [UInt8]?
    /// Nanoseconds that a stopping service gives its connections.
    public let drainTimeout: UInt64
    /// Nanoseconds for which web servers may use an idle connection again.
    public let keepaliveTimeout: UInt64
    /// Event loops, each a thread.
    public let threads: Int
    /// Redis, with its credentials.
    public let redis: RedisServer
    /// How states are kept there.
    public let store: StoreSettings
    /// How writes wait for replicas; `nil` where they do not.
    public let replicaWait: ReplicaWait?
    /// Where metrics and checks are; `nil` for nowhere.
    public let admin: ListenAddress?
    /// What could not be used as it was set, and what is used instead; to be logged.
    public let warnings: [String]

    /// Which requests are traced; `nil` for none.
    let traces: TraceSettings?
    let maxBody: Int
    let statePath: [UInt8]
    let requiresPrecondition: Bool
    let identity: IdentityParams
    let proxySecret: Secret?

    /// Reads every setting: an option, or else its environment variable, or else its default.
    /// - Parameter isCGI: whether the environment holds the parameters of a request, too.
    /// - Throws: ``ConfigurationError``, at the first setting that is wrong.
    public init(
        options: Options = Options(),
        environment: Environment = .process,
        isCGI: Bool = false
    ) throws(ConfigurationError) {
        let settings = SettingReader(options: options, environment: environment)
        isListenSet = settings.given(.listen) != nil
        listen = try settings.value(.listen) { try? ListenAddress($0) }
        let mode = try settings.value(.socketMode) { UInt32($0, radix: 8).flatMap { $0 <= 0o777 ? $0 : nil } }
        let group = settings.text(.socketGroup)
        socketAccess = SocketAccess(mode: mode, group: group.isEmpty ? nil : group)
        logLevel = try settings.value(.logLevel, Logger.Level.init(rawValue:))
        logFormat = try settings.value(.logFormat, LogFormat.init(rawValue:))
        logRate = settings.given(.logRate) == nil ? nil : try settings.number(.logRate)
        logIDKey = try Self.logIDKey(settings)
        drainTimeout = UInt64(try settings.number(.drainTimeout)) * 1_000_000_000
        keepaliveTimeout = UInt64(try settings.number(.keepaliveTimeout)) * 1_000_000_000
        threads = settings.given(.threads) == nil ? Server.usualThreadCount : try settings.number(.threads)
        admin = isCGI ? nil : try Self.admin(settings)
        traces = isCGI ? nil : try TraceSettings.read(settings)
        maxBody = try settings.number(.maxBody)
        let base = try settings.value(.basePath) { Self.isBasePath($0) ? $0 : nil }
        statePath = Array("\(base)/state".utf8)

        let tls = Self.tlsSettings(settings)
        redis = try Self.redisServer(settings, tls)
        var warnings = redis.usesTLS ? [] : Self.warnings(unused: tls)
        if !redis.hasSentinels { warnings += Self.warningsOfSentinels(settings) }
        store = StoreSettings(
            keyPrefix: Array(settings.text(.keyPrefix).utf8),
            secondsToLive: try Self.secondsToLive(settings, &warnings),
            renewsOnRead: try settings.word(.renewal) == "read"
        )
        replicaWait = try Self.replicaWait(settings)
        requiresPrecondition = try settings.word(.precondition) == "on"

        let secret = try settings.secret(.proxySecret).map { Array($0.utf8) }
        let secretFromFile = try settings.secretFile(.proxySecretFile)
        guard secret == nil || secretFromFile == nil else {
            throw .both(Setting.proxySecret.variable, Setting.proxySecretFile.variable)
        }
        proxySecret = try (secret ?? secretFromFile).map { secret throws(ConfigurationError) in
            // No request could prove itself: its parameters have no room for it, or are refused.
            guard secret.count <= Environment.longestSecret, !secret.contains(0) else {
                throw .unusableProxySecret(limit: Environment.longestSecret)
            }
            return Secret(secret)
        }
        identity = try IdentityParams(settings, isProven: proxySecret != nil, isCGI: isCGI)
        self.warnings = warnings + environment.unknownNames().map { "there is no setting \($0): is it misspelt?" }
    }

    /// Refuses to serve other machines without a secret.
    public func check(_ listeners: [Listener]) throws(ConfigurationError) {
        guard proxySecret == nil, let listener = listeners.first(where: \.isRemote) else { return }
        throw .reachable(listener: listener.name)
    }

    /// What to tell where sockets were handed over, and an address is set as well.
    func warning(handedOver listeners: [Listener]) -> String? {
        guard isListenSet, !listeners.isEmpty else { return nil }
        let names = listeners.map(\.name).joined(separator: ", ")
        return "\(Setting.listen.name) has no effect: sockets were handed over, which are used instead: \(names)"
    }

    /// Whether requests can have such a path: web servers hand it on decoded, and without what leads nowhere.
    private static func isBasePath(_ path: String) -> Bool {
        guard path.hasPrefix("/"), !path.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else { return false }
        let segments = path.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return segments.allSatisfy { segment in
            !["", ".", ".."].contains(String(segment)) && !segment.contains(UInt8(ascii: "?"))
                && !segment.contains(UInt8(ascii: "%"))
        }
    }

    private static func redisServer(
        _ settings: SettingReader,
        _ tls: RedisServer.TLSSettings
    ) throws(ConfigurationError) -> RedisServer {
        let timeout = UInt64(try settings.number(.redisTimeout)) * 1_000_000
        let password = try settings.secretFile(.redisPasswordFile)
        let account = try sentinelAccount(settings)
        do throws(StoreError) {
            return try RedisServer(
                settings.text(.redis),
                password: password,
                timeout: timeout,
                tls: tls,
                sentinelAccount: account
            ) { (try? settings.secretFile(.redisPasswordFile)) ?? nil }
        } catch {
            // What is wrong with TLS names its own settings.
            if case .unusableTLS = error { throw .redis("\(error)") }
            throw .redis("\(Setting.redis.name): \(error)")
        }
    }

    private static func replicaWait(_ settings: SettingReader) throws(ConfigurationError) -> ReplicaWait? {
        let replicas = try settings.number(.waitReplicas)
        let wait = try settings.number(.waitTimeout)
        let timeout = try settings.number(.redisTimeout)
        guard replicas > 0 else { return nil }
        guard wait < timeout else {
            throw .notBelow(Setting.waitTimeout.variable, wait, Setting.redisTimeout.name, timeout)
        }
        return ReplicaWait(replicas: replicas, milliseconds: wait)
    }

    private static func logIDKey(_ settings: SettingReader) throws(ConfigurationError) -> [UInt8]? {
        guard let secret = try settings.secretFile(.logIDKeyFile) else { return nil }
        guard secret.count >= IdentityKey.shortest else {
            let (variable, path) = (Setting.logIDKeyFile.variable, settings.text(.logIDKeyFile))
            throw .shortFile(variable: variable, path: path, least: IdentityKey.shortest)
        }
        return secret
    }

    private static func sentinelAccount(_ settings: SettingReader) throws(ConfigurationError) -> SentinelAccount {
        let password = try settings.secretFile(.sentinelPasswordFile)
        let username = settings.given(.sentinelUsername)
        guard username == nil || password != nil else {
            throw .needs(Setting.sentinelUsername.variable, Setting.sentinelPasswordFile.variable)
        }
        return SentinelAccount(username: username.map { Array($0.utf8) }, password: password) {
            (try? settings.secretFile(.sentinelPasswordFile)) ?? nil
        }
    }

    /// Who sets what sentinels want may have forgotten them in the URL.
    private static func warningsOfSentinels(_ settings: SettingReader) -> [String] {
        [.sentinelUsername, .sentinelPasswordFile].filter { settings.given($0) != nil }.map {
            "\($0.variable) is set, and REDIS_URL names no sentinels, so it is not used: redis-sentinel:// names some"
        }
    }

    /// The port may be a sum, so that units that are numbered can give each worker its own.
    private static func admin(_ settings: SettingReader) throws(ConfigurationError) -> ListenAddress? {
        guard let text = settings.given(.admin) else { return nil }
        return try settings.value(.admin) { _ in
            guard text.hasPrefix("tcp:"), let plus = text.lastIndex(of: "+"), let colon = text.lastIndex(of: ":"),
                colon < plus
            else { return try? ListenAddress(text) }
            guard let base = UInt16(text[text.index(after: colon)..<plus]),
                let number = UInt16(text[text.index(after: plus)...])
            else { return nil }
            return try? ListenAddress("\(text[...colon])\(UInt32(base) + UInt32(number))")
        }
    }

    private static func tlsSettings(_ settings: SettingReader) -> RedisServer.TLSSettings {
        RedisServer.TLSSettings(
            caFile: settings.given(.tlsCAFile),
            certificateFile: settings.given(.tlsCertificateFile),
            keyFile: settings.given(.tlsKeyFile),
            serverName: settings.given(.tlsServerName)
        )
    }

    /// Who sets files for TLS may believe that there is some.
    private static func warnings(unused tls: RedisServer.TLSSettings) -> [String] {
        guard tls != RedisServer.TLSSettings() else { return [] }
        return [
            "REDIS_TLS_… is set, and REDIS_URL is without TLS, so nothing to Redis is encrypted: rediss:// is with it"
        ]
    }

    /// A service with a wrong time to live is better than none: it takes the default, and says so.
    private static func secondsToLive(
        _ settings: SettingReader,
        _ warnings: inout [String]
    ) throws(ConfigurationError) -> Int {
        do { return try settings.number(.secondsToLive) } catch {
            let standard = SettingReader(options: Options(), environment: Environment { _ in nil })
            let seconds = try standard.number(.secondsToLive)
            warnings.append("\(error); \(seconds) (\(seconds / 86_400) days) is used instead")
            return seconds
        }
    }
}
