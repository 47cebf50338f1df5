import Foundation

/// Everything that an operator runs: Redis, two workers, and nginx with the example configuration and the sample
/// sign-in.
public final class Stack: @unchecked Sendable {
    // Safe: a test replaces workers from one thread only.
    /// Where all of it lives.
    public let folder: TemporaryFolder
    /// Its Redis.
    public let redis: RedisProcess
    /// Its workers, by number less one.
    public private(set) var workers: [RunningProcess] = []
    /// The port without TLS.
    public let port = FreePort.find()
    /// The port with TLS.
    public let tlsPort = FreePort.find()
    /// nginx.
    public let nginx: RunningProcess

    private let arguments: [String]
    private let environment: [String: String]

    /// The path of the state.
    public static let path = "/api/dashboard/state"
    private static let top = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    /// Starts all of it.
    /// - Parameters:
    ///   - redisArguments: further options of redis-server.
    ///   - arguments: further options of the workers.
    ///   - environment: variables of the workers.
    public init(
        redisArguments: [String] = [],
        _ arguments: [String] = [],
        environment: [String: String] = [:]
    ) throws {
        folder = try TemporaryFolder()
        redis = try RedisProcess(in: folder, redisArguments)
        self.arguments = ["--log-level", "debug"] + arguments
        self.environment = environment
        _ = try RunningProcess.output(of: [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
            "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder.file("tls.key"),
            "-out", folder.file("tls.pem"), "-batch",
        ])
        for (source, target) in [
            ("deploy/sample-sign-in.nginx.conf", "sign-in.conf"), ("nginx.conf.example", "nginx.conf"),
        ] {
            let rendered = try RunningProcess.output(of: [
                Self.top + "/deploy/render-nginx", Self.top + "/" + source, folder.path, String(port), String(tlsPort),
                folder.path,
            ])
            try rendered.write(toFile: folder.file(target), atomically: true, encoding: .utf8)
        }
        nginx = try RunningProcess(
            ["nginx", "-c", folder.file("nginx.conf"), "-p", folder.path, "-e", folder.file("error.log")],
            log: folder.file("nginx.log")
        )
        for _ in 1...2 { workers.append(try startWorker(workers.count)) }
        let port = self.port
        try nginx.until { (try? HTTPClient(port: port).request("GET", "/healthz"))?.status == 200 }
    }

    /// nginx first, so that the workers need not wait for its connections.
    deinit { nginx.stop() }

    private func startWorker(_ index: Int) throws -> RunningProcess {
        try Worker.start(
            in: folder,
            name: "worker-\(index + 1)",
            redis: redis.url,
            arguments,
            environment: environment
        )
    }

    /// Starts the worker of this index anew, in place of one that has ended.
    public func restartWorker(_ index: Int) throws { workers[index] = try startWorker(index) }

    /// The credentials of the sample user alice.
    public static let alice = ("Authorization", "Basic YWxpY2U6d29uZGVybGFuZA==")
    /// The credentials of the sample user bob.
    public static let bob = ("Authorization", "Basic Ym9iOmJ1aWxkZXI=")

    /// One request about the state of alice, on a connection of its own.
    public func state(
        _ method: String,
        _ body: String? = nil,
        _ fields: [(String, String)] = [],
        as user: (String, String) = alice
    ) throws -> HTTPClient.Response {
        try HTTPClient(port: port).state(method, body, fields, as: user)
    }
}

extension HTTPClient {
    /// One request about the state of alice.
    public func state(
        _ method: String,
        _ body: String? = nil,
        _ fields: [(String, String)] = [],
        as user: (String, String) = Stack.alice
    ) throws -> Response {
        let type = body == nil ? [] : [("Content-Type", "application/json")]
        return try request(method, Stack.path, [user] + type + fields, body: body.map { Array($0.utf8) })
    }
}
