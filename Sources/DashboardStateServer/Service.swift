import CLinux
import EventLoop
import FastCGI
import Glibc
import Logging

/// The service as a process: started, and stopped by a signal.
public enum Service {
    /// Serves until SIGTERM or SIGINT, then lets what is under way finish.
    /// - Throws: what keeps it from starting, in words for an operator.
    public static func run(options: Options) throws {
        // Before any thread is started, so that none of them gets a signal.
        let signals = Signals(blocking: [SIGTERM, SIGINT])
        signal(SIGPIPE, SIG_IGN)
        let configuration = try Configuration(options: options)
        let logger = makeLogger(configuration)
        for warning in configuration.warnings { logger.warning("\(warning)") }
        let troubles = RedisTroubles(logger)
        allowManyDescriptors()
        keepMemory()

        var listeners = Listener.inherited()
        if listeners.isEmpty { listeners = [try Listener(configuration.listen, access: configuration.socketAccess)] }
        try configuration.check(listeners)
        let server = try Server(
            listeners: listeners,
            threads: configuration.threads,
            params: RequestFields.Names(configuration.identity).params,
            limits: Limits(longestBody: configuration.maxBody),
            events: events(logger)
        ) { loop in StateHandler(configuration, loop: loop, logger: logger, troubles: troubles) }
        logger.notice(
            "serving",
            metadata: [
                "version": "\(Version.text)",
                "listen": "\(listeners.map(\.name).joined(separator: ", "))",
                "redis": "\(configuration.redis)",
            ]
        )

        if !Server.readsInPlace {
            logger.notice("this libfcgi only reads descriptors: requests reach it through a pipe, a little more slowly")
        }

        let signal = signals.wait()
        logger.notice("stopping", metadata: ["signal": signal == SIGTERM ? "SIGTERM" : "SIGINT"])
        server.stop(timeout: configuration.drainTimeout)
        // Whoever asks twice does not want to wait.
        _ = try Thread.start(name: "signals") {
            _ = signals.wait()
            _exit(1)
        }
        server.wait()
        logger.notice("stopped")
    }

    static func makeLogger(_ configuration: Configuration) -> Logger {
        var logger = Logger(label: "dashboard-state") { _ in LineLogHandler(configuration.logFormat) }
        logger.logLevel = configuration.logLevel
        return logger
    }

    private static func events(_ logger: Logger) -> ServerEvents {
        var events = ServerEvents()
        events.onAcceptFailure = { code in
            let reason = String(cString: strerror(code))
            logger.error("connections cannot be accepted, trying again", metadata: ["reason": "\(reason)"])
        }
        events.onRefusedConnection = { reason in
            logger.warning("connection closed: not a FastCGI request", metadata: ["reason": "\(reason)"])
        }
        events.onAbandonedRequests = { count in
            logger.error("stopped with requests unanswered", metadata: ["count": "\(count)"])
        }
        return events
    }

    /// The memory of a large body is used again for the next one, instead of being given back to the system and zeroed by
    /// it each time: up to 4 MiB of it.
    private static func keepMemory() {
        mallopt(M_MMAP_THRESHOLD, 4 << 20)
        mallopt(M_TRIM_THRESHOLD, 4 << 20)
    }

    /// A parked connection is a descriptor, and the usual soft limit is for programs that call `select`.
    private static func allowManyDescriptors() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
