import EventLoop
import FastCGI
import Glibc
import Logging
import StateStore
import Tracing

/// The service as a process: started, and stopped by a signal.
public enum Service {
    /// Serves until SIGTERM, SIGINT, SIGUSR1 or SIGHUP, then lets what is under way finish.
    /// - Throws: what keeps it from starting, in words for an operator.
    public static func run(options: Options) throws {
        // Before any thread is started, so that none of them gets a signal.
        let signals = Signals(blocking: [SIGTERM, SIGINT, SIGUSR1] + (isIgnored(SIGHUP) ? [] : [SIGHUP]))
        signal(SIGPIPE, SIG_IGN)
        // The first process, as in a container, becomes the parent of what others there have left: the kernel buries it.
        if getpid() == 1 { signal(SIGCHLD, SIG_IGN) }
        let firstSignal = try signals.relay(
            // Nothing is under way, whatever the start is waiting for.
            onEarly: { signal in
                StandardError.write("stopped by \(name(signal)) before it served", .notice, options: options)
                _exit(0)
            },
            // Whoever asks twice does not want to wait.
            onSecond: {
                LogOutput.finish(within: 100_000_000)
                _exit(1)
            }
        )
        let configuration = try Configuration(options: options)
        let log = WorkerLog(configuration)
        let logger = log.logger
        for warning in configuration.warnings { logger.warning("\(warning)") }
        let manager = ServiceManager()
        let troubles = RedisTroubles(logger, asksForEviction: true) { manager?.tell(.status($0)) }
        allowManyDescriptors()

        var listeners = try Listener.inherited()
        if let warning = configuration.warning(handedOver: listeners) { logger.warning("\(warning)") }
        if listeners.isEmpty {
            // From there on there is a socket to take away again.
            let willBind = { firstSignal.keep() }
            listeners = [try Listener(configuration.listen, access: configuration.socketAccess, willBind: willBind)]
        }
        firstSignal.keep()
        try configuration.check(listeners)
        let admin = configuration.admin.flatMap { adminListener($0, logger) }
        let connections = ConnectionCounts()
        let observation = admin.map { _ in
            WorkerObservation(
                redis: "\(configuration.redis)",
                loopCount: configuration.threads,
                troubles,
                connections
            )
        }
        defer { admin.map(end) }
        let tracing = makeTracing(configuration, observation, logger)
        let server = try Server(
            listeners: listeners,
            threads: configuration.threads,
            limits: limits(configuration),
            events: events(log),
            counts: connections
        ) { loop in
            let tracer = tracing?.makeLoop()
            guard let admin, let observation else {
                return makeHandler(configuration, loop, log, troubles, nil, tracer)
            }
            let counts = observation.addLoop()
            let metrics = LoopMetrics(counts, observation.identityHash, loop)
            let handler = makeHandler(configuration, loop, log, troubles, metrics, tracer)
            // The loop keeps it.
            _ = try AdminLoop(admin, loop, handler.store, counts, observation)
            return handler
        }
        logger.notice(
            "serving",
            metadata: [
                "version": "\(Version.text)",
                "listen": "\(listeners.map(\.name).joined(separator: ", "))",
                "redis": "\(configuration.redis)",
            ].merging(admin.map { ["admin": "\($0.name)"] } ?? [:]) { one, _ in one }
        )

        manager?.tell(.ready)
        let watchdog = try manager.flatMap { manager in
            try manager.patience.map { try Watchdog(manager, patience: $0, server) }
        }

        if !Server.readsInPlace {
            logger.notice("this libfcgi only reads descriptors: requests reach it through a pipe, a little more slowly")
        }

        let signal = firstSignal.wait()
        logger.notice("stopping", metadata: ["signal": "\(name(signal))"])
        observation?.drain()
        watchdog?.end()
        manager?.tell(.stopping, .status("finishing what is under way"))
        let end = Clock.monotonic() + configuration.drainTimeout
        server.stop(timeout: configuration.drainTimeout)
        server.wait()
        tracing?.stop(by: end)
        logger.notice("stopped")
        LogOutput.finish()
    }

    /// Nothing of the service hangs on it, so that it serves without it where that must be.
    private static func adminListener(_ address: ListenAddress, _ logger: Logger) -> Listener? {
        do throws(FastCGIError) {
            return try Listener(address, access: SocketAccess(mode: 0o666))
        } catch {
            logger.error("serving without the admin address", metadata: ["reason": "\(error)"])
            return nil
        }
    }

    /// Likewise.
    private static func makeTracing(
        _ configuration: Configuration,
        _ observation: WorkerObservation?,
        _ logger: Logger
    ) -> WorkerTracing? {
        guard let settings = configuration.traces else { return nil }
        do throws(EventLoopError) {
            let texts = SpanTexts(statePath: configuration.statePath, configuration.redis)
            return try WorkerTracing(settings, texts, observation?.spans ?? SpanCounts(), logger)
        } catch {
            logger.error("serving without traces", metadata: ["reason": "\(error)"])
            return nil
        }
    }

    private static func end(_ listener: Listener) {
        listener.withdraw()
        listener.close()
    }

    private static func name(_ signal: Int32) -> String {
        [SIGTERM: "SIGTERM", SIGINT: "SIGINT", SIGUSR1: "SIGUSR1", SIGHUP: "SIGHUP"][signal] ?? "\(signal)"
    }

    /// Whether whoever started the process does not want it to end by this signal, as `nohup` does.
    private static func isIgnored(_ signal: Int32) -> Bool {
        var action = sigaction()
        guard sigaction(signal, nil, &action) == 0 else { return false }
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
            == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    /// What serves a loop's requests, with links of its own to Redis.
    static func makeHandler(
        _ configuration: Configuration,
        _ loop: Loop,
        _ log: WorkerLog,
        _ troubles: RedisTroubles,
        _ metrics: LoopMetrics? = nil,
        _ tracer: LoopTracer? = nil
    ) -> StateHandler {
        let hasher = Hasher()
        let redis = configuration.redis.makeLinks(on: loop, troubles, wait: configuration.replicaWait)
        let store = StateStore(configuration.store, redis, troubles, sha1: hasher.sha1)
        loop.afterBatch = {
            store.flush()
            LogOutput.flush()
        }
        if let tracer {
            loop.afterBatch = {
                store.flush()
                LogOutput.flush()
                tracer.flush()
            }
        }
        return StateHandler(configuration, store, hasher, RequestLog(log, loop), metrics, tracer)
    }

    private static func limits(_ configuration: Configuration) -> Limits {
        // Web servers look at their clocks now and then.
        Limits(longestBody: configuration.maxBody, kept: configuration.keepaliveTimeout + 1_000_000_000)
    }

    private static func events(_ log: WorkerLog) -> ServerEvents {
        var events = ServerEvents()
        events.onAcceptFailure = { code in
            let reason = String(cString: strerror(code))
            let sentence = "connections cannot be accepted, trying again"
            log.repetitions.tell(.error, sentence, ["reason": "\(reason)"], as: "accept \(code)")
        }
        events.onRefusedConnection = { reason in
            log.repetitions.tell(.warning, "connection closed: not a FastCGI request", ["reason": "\(reason)"])
        }
        events.onAbandonedRequests = { count in
            log.logger.error("stopped with requests unanswered", metadata: ["count": .stringConvertible(count)])
        }
        return events
    }

    /// A parked connection is a descriptor, and the usual soft limit is for programs that call `select`.
    private static func allowManyDescriptors() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
