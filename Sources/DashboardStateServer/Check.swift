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
        let isJSON = SettingReader(options: options, environment: .process).text(.logFormat) == LogFormat.json.rawValue
        let configuration: Configuration
        do throws(ConfigurationError) {
            configuration = try Configuration(options: options)
            try configuration.checkListening()
        } catch {
            report([Entry(level: .error, about: "settings", code: "settings", sentence: "\(error)")], isJSON)
            return misconfigured
        }
        var entries = configuration.warnings.map {
            Entry(level: .warning, about: "settings", code: "settings", sentence: $0)
        }
        if scope == .redis {
            let found = RedisCheck.run(configuration.redis, configuration.store, wait: configuration.replicaWait)
            entries += found.map { Entry(level: $0.level, about: $0.node, code: $0.code, sentence: $0.sentence) }
        }
        report(entries, isJSON)
        return entries.contains { $0.level == .error } ? unfit : fine
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
            for entry in entries { text.append("\(entry.level) \(entry.about): \(entry.sentence)\n") }
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
    /// What only shows when sockets are made, as far as it can be told without making any.
    func checkListening() throws(ConfigurationError) {
        if let group = socketAccess.group, getgrnam(group) == nil {
            throw .invalid(setting: Setting.socketGroup.name, value: group, expected: "a group that this machine has")
        }
        guard proxySecret == nil, case .tcp(let host, _) = listen, Self.isAddressBeyondLoopback(host) else { return }
        throw .reachable(listener: "\(listen)")
    }

    /// Of names it is not known here.
    private static func isAddressBeyondLoopback(_ host: String) -> Bool {
        var four = in_addr()
        var six = in6_addr()
        if inet_pton(AF_INET, host, &four) == 1 { return !host.hasPrefix("127.") }
        return inet_pton(AF_INET6, host, &six) == 1 && host != "::1"
    }
}
