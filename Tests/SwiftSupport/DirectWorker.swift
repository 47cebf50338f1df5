/// A worker and its Redis without a web server in front: what is asked here is asked of the worker itself.
public final class DirectWorker {
    /// Where both live.
    public let folder: TemporaryFolder
    /// Its Redis.
    public let redis: RedisProcess
    /// What stands between the two, where it was asked for.
    public let proxy: CuttingProxy?
    /// The worker.
    public let process: RunningProcess

    /// Starts both.
    /// - Parameters:
    ///   - redisArguments: further options of redis-server.
    ///   - environment: variables of the worker.
    ///   - throughProxy: whether the worker reaches Redis through a ``CuttingProxy``.
    public init(
        redisArguments: [String] = [],
        environment: [String: String] = [:],
        throughProxy: Bool = false
    ) throws {
        folder = try TemporaryFolder()
        redis = try RedisProcess(in: folder, redisArguments)
        proxy = throughProxy ? try CuttingProxy(in: folder, to: redis.socket) : nil
        process = try Worker.start(in: folder, redis: proxy?.url ?? redis.url, environment: environment)
    }

    /// A connection to the worker.
    public func client() throws -> FastCGIClient { try FastCGIClient(path: folder.file("worker-1.sock")) }

    /// The parameters of a request about the state of a user.
    public static func params(_ method: String, user: String, _ fields: [(String, String)] = []) -> [(String, String)] {
        [
            ("REQUEST_METHOD", method), ("SCRIPT_NAME", "/api/dashboard/state"), ("REMOTE_USER", user),
            ("REMOTE_WORKSPACE", "main"), ("CONTENT_TYPE", "application/json"),
        ] + fields
    }

    /// One request, on a connection of its own.
    public func state(
        _ method: String,
        _ body: String = "",
        user: String = "alice",
        _ fields: [(String, String)] = []
    ) throws -> FastCGIClient.Answer {
        try client().roundTrip(Self.params(method, user: user, fields), body: Array(body.utf8))
    }
}
