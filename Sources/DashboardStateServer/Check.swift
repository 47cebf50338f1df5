import Bytes
import FastCGI
import Glibc
import StateStore

/// Looks at the settings, and at Redis, without serving: `--check` and `--check=redis`.
public enum Check {
    /// How far to look.
    public enum Scope: String, Sendable {
        /// At settings and files.
        case settings
        /// At Redis as well.
        case redis
    }

    /// Exit statuses: nothing is wrong, or there are warnings alone; Redis cannot be reached or is unfit (`EX_UNAVAILABLE`
    /// of sysexits.h); settings are wrong (`EX_CONFIG`).
    public static let (fine, unfit, misconfigured): (Int32, Int32, Int32) = (0, 69, 78)

    /// Looks, and writes what is found on standard output: lines, or one JSON object where the log would be in JSON.
    /// - Returns: the exit status.
    public static func run(_ scope: Scope, options: Options) -> Int32 {
        // Whoever reads only the beginning (`| head`) gets the status nevertheless.
        signal(SIGPIPE, SIG_IGN)
        let isJSON = LogFormat.asked(options) == .json
        let configuration: Configuration
        let handedOver: [Listener]
        do throws(ConfigurationError) {
            configuration = try Configuration(options: options)
            handedOver = try inherited()
            try configuration.checkListening(handedOver: handedOver)
        } catch {
            report([Entry(level: .error, about: "settings", code: "settings", sentence: "\(error)")], isJSON)
            return misconfigured
        }
        let warnings = configuration.warnings + [configuration.warning(handedOver: handedOver)].compactMap(\.self)
        var entries = warnings.map { Entry(level: .warning, about: "settings", code: "settings", sentence: $0) }
        if scope == .redis {
            let found = RedisCheck.run(configuration.redis, configuration.store, wait: configuration.replicaWait)
            entries += found.map { Entry(level: $0.level, about: $0.node, code: $0.code, sentence: $0.sentence) }
        }
        report(entries, isJSON)
        return entries.contains { $0.level == .error } ? unfit : fine
    }

    /// Whoever listens on them too goes on: nothing is accepted, or closed for them.
    private static func inherited() throws(ConfigurationError) -> [Listener] {
        do throws(FastCGIError) {
            return try Listener.inherited()
        } catch {
            throw .listening("\(error)")
        }
    }

    private struct Entry {
        let level: Finding.Level
        let about: String
        let code: String
        let sentence: String
    }

    private static func report(_ entries: [Entry], _ isJSON: Bool) {
        var text: [UInt8] = []
        if isJSON {
            let worst: Finding.Level? = [.error, .warning].first { level in entries.contains { $0.level == level } }
            text.append(#"{"status":"\#(worst.map { "\($0)s" } ?? "ok")","findings":["#)
            for (index, entry) in entries.enumerated() {
                if index > 0 { text.append(",") }
                text.append(#"{"level":"\#(entry.level)","code":"\#(entry.code)","about":"#)
                text.append(quoted: entry.about)
                text.append(#","message":"#)
                text.append(quoted: entry.sentence)
                text.append("}")
            }
            text.append("]}\n")
        } else {
            for entry in entries {
                text.append(inLine: "\(entry.level) \(entry.about): \(entry.sentence)")
                text.append("\n")
            }
        }
        text.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = write(STDOUT_FILENO, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                guard count > 0 else { return }
                rest = rest.dropFirst(count)
            }
        }
    }
}

extension [UInt8] {
    fileprivate mutating func append(_ text: String) { append(contentsOf: text.utf8) }
}

extension Configuration {
    /// What only shows at a start, as far as it can be told without making sockets.
    func checkListening(handedOver: [Listener]) throws(ConfigurationError) {
        guard handedOver.isEmpty else { return try check(handedOver) }
        if let group = socketAccess.group, getgrnam(group) == nil {
            throw .invalid(setting: Setting.socketGroup.name, value: group, expected: "a group that this machine has")
        }
        if proxySecret == nil, case .tcp(let host, _) = listen, Self.isAddressBeyondLoopback(host) {
            throw .reachable(listener: "\(listen)")
        }
        // Where no address is set, a start most often gets its sockets, and this check does not, when somebody types it.
        guard isListenSet else { return }
        do throws(FastCGIError) {
            try Listener.check(listen)
        } catch {
            throw .listening("\(error)")
        }
    }

    /// Of names it is not known here.
    private static func isAddressBeyondLoopback(_ host: String) -> Bool {
        var four = in_addr()
        var six = in6_addr()
        if inet_pton(AF_INET, host, &four) == 1 { return !host.hasPrefix("127.") }
        return inet_pton(AF_INET6, host, &six) == 1 && host != "::1"
    }
}
