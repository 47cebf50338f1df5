import DashboardState

// Literals only: the compiler lays them out, so that a CGI program, started for each request, makes none of them. Whoever
// changes something here brings the manual and docs/configuration.md up to date with `make settings`.
extension Setting {
    /// All settings that there are, in the order in which they are explained.
    public static let all =
        [
            listen, socketMode, socketGroup, redis, redisPasswordFile, redisTimeout, waitReplicas, waitTimeout,
            sentinelUsername, sentinelPasswordFile, tlsCAFile, tlsCertificateFile, tlsKeyFile, tlsServerName, keyPrefix,
            secondsToLive, renewal, identityUser, identityWorkspace, proxySecret, proxySecretFile, precondition,
            threads,
            maxBody, basePath, drainTimeout, keepaliveTimeout, admin, logLevel, logFormat,
            logRate, logIDKeyFile,
        ] + ofTraces

    /// Where to listen.
    public static let listen = Setting(
        option: "listen",
        valueName: "address",
        variable: "DASHBOARD_STATE_LISTEN",
        standard: .value("unix:/run/dashboard-state/worker.sock"),
        values: .text("unix:/absolute/path or tcp:host:port"),
        summary: "Where to listen: `unix:/path` or `tcp:host:port`",
        details: """
            A socket that is handed over (`LISTEN_FDS`, or descriptor 0) is used instead; one that does not listen is an \
            error. Beyond loopback a proxy secret is required.
            """
    )
    /// Permissions of the Unix socket.
    public static let socketMode = Setting(
        option: "socket-mode",
        valueName: "mode",
        variable: "DASHBOARD_STATE_SOCKET_MODE",
        standard: .value("0660"),
        values: .text("permission bits in octal, such as 0660"),
        summary: "Permissions of the Unix socket, in octal"
    )
    /// Group of the Unix socket.
    public static let socketGroup = Setting(
        option: "socket-group",
        valueName: "group",
        variable: "DASHBOARD_STATE_SOCKET_GROUP",
        standard: .words("the process's own"),
        values: .text("a group's name"),
        summary: "Group of the Unix socket"
    )
    /// Where Redis is.
    public static let redis = Setting(
        option: "redis",
        valueName: "url",
        variable: "REDIS_URL",
        standard: .value("redis://127.0.0.1:6379"),
        values: .text("redis://…, rediss://…, unix:///…, redis-sentinel://… or redis-cluster://…"),
        summary: """
            Redis: `redis://[user:password@]host[:port][/db]`, `rediss://…` (TLS), `unix:///path[?db=n]`, \
            `redis-sentinel://[user:password@]host[:port],host[:port]/master[/db]` (`rediss-sentinel://…`), or \
            `redis-cluster://[user:password@]host[:port],host[:port]` (`rediss-cluster://…`). A password is better put into \
            the file that `REDIS_PASSWORD_FILE` names
            """,
        details: """
            User, password, path and the master's name may be percent-encoded. Behind sentinels, user and password are those \
            of the servers that keep the states; of a cluster any nodes are named, and the rest is found.
            """
    )
    /// The password of Redis.
    public static let redisPasswordFile = Setting(
        variable: "REDIS_PASSWORD_FILE",
        standard: .none,
        values: .secretFile,
        summary: "A file with the password of Redis, which keeps it out of `ps`",
        details: "It is read again when Redis refuses the password."
    )
    /// What Redis has for a connect or an answer.
    public static let redisTimeout = Setting(
        option: "redis-timeout",
        valueName: "ms",
        variable: "REDIS_TIMEOUT",
        standard: .value("2000"),
        values: .number(unit: "milliseconds", 10...60_000),
        summary: "Milliseconds that Redis has for a connect or an answer",
        details: "While bytes move, an answer may take ten times as long."
    )
    /// How many replicas must have a write.
    public static let waitReplicas = Setting(
        variable: "REDIS_WAIT_REPLICAS",
        standard: .value("0"),
        values: .number(unit: "a number of replicas", 0...1000),
        summary: "How many replicas must have a save or delete before it is acknowledged",
        details: "Where fewer have it in time, the answer is 503 of type `outcome-unknown`."
    )
    /// How long replicas are waited for.
    public static let waitTimeout = Setting(
        variable: "REDIS_WAIT_TIMEOUT",
        standard: .value("1000"),
        values: .number(unit: "milliseconds", 1...59_999),
        summary: "Milliseconds that these replicas have",
        details: "It must be below `REDIS_TIMEOUT` where `REDIS_WAIT_REPLICAS` is set."
    )
    /// As whom sentinels are asked.
    public static let sentinelUsername = Setting(
        variable: "REDIS_SENTINEL_USERNAME",
        standard: .words("the default user"),
        values: .text("a user's name"),
        summary: "The ACL user of the sentinels of a `redis-sentinel://` URL, where they have their own",
        details: "It needs `REDIS_SENTINEL_PASSWORD_FILE`."
    )
    /// The password of the sentinels.
    public static let sentinelPasswordFile = Setting(
        variable: "REDIS_SENTINEL_PASSWORD_FILE",
        standard: .none,
        values: .secretFile,
        summary: "A file with the password of the sentinels",
        details: """
            Without it they are asked without one, whatever the servers' password is. It is read again when a sentinel \
            refuses the password.
            """
    )
    /// Whom TLS trusts.
    public static let tlsCAFile = Setting(
        variable: "REDIS_TLS_CA_FILE",
        standard: .words("the system's"),
        values: .text("the path of a file in PEM"),
        summary: "A file with the authorities that may sign the certificate of a Redis with TLS (`rediss…://`), in PEM",
        details: "This and the next two are read again when a connection is made and they have changed."
    )
    /// Our certificate for TLS.
    public static let tlsCertificateFile = Setting(
        variable: "REDIS_TLS_CERT_FILE",
        standard: .none,
        values: .text("the path of a file in PEM"),
        summary: "A file with a client certificate, in PEM, and behind it those between it and its authority",
        details: "It needs `REDIS_TLS_KEY_FILE`."
    )
    /// Its key.
    public static let tlsKeyFile = Setting(
        variable: "REDIS_TLS_KEY_FILE",
        standard: .none,
        values: .text("the path of a file in PEM"),
        summary: "A file with the key of that certificate, in PEM, without a passphrase"
    )
    /// What the server's certificate is for.
    public static let tlsServerName = Setting(
        variable: "REDIS_TLS_SERVER_NAME",
        standard: .words("the host in `REDIS_URL`"),
        values: .text("a host name or an address"),
        summary: "The name or address that the certificate of Redis must be for",
        details: "Of several servers and of sentinels all certificates must be for it."
    )
    /// What keys start with.
    public static let keyPrefix = Setting(
        variable: "REDIS_KEY_PREFIX",
        standard: .value(StateKey.defaultPrefix),
        values: .text("any text"),
        summary: "What keys start with"
    )
    /// How long a state is kept.
    public static let secondsToLive = Setting(
        variable: "REDIS_STATE_TTL",
        standard: .value("2592000"),
        values: .number(unit: "seconds", 1...2_147_483_647),
        summary: "Seconds that a state is kept",
        details: "A wrong value is a warning, and the default is used, which is 30 days."
    )
    /// What makes a state be kept longer.
    public static let renewal = Setting(
        variable: "REDIS_STATE_TTL_RENEW",
        standard: .value("read"),
        values: .words(["read", "save"]),
        summary: "What renews the time that a state is kept",
        details: "With `read`, reads of what was saved long ago do, too; with `save`, only saves."
    )
    /// The parameter with the user.
    public static let identityUser = Setting(
        variable: "IDENTITY_USER_PARAM",
        standard: .value("REMOTE_USER"),
        values: .text("a parameter's name of at most 63 characters A-Z, 0-9 and _, such as HTTP_X_AUTH_REQUEST_USER"),
        summary: "The FastCGI parameter with the user",
        details: """
            Parts of the request, which clients write, are refused, such as `QUERY_STRING`. A name that starts with \
            `HTTP_` needs a proxy secret, and is refused as a CGI program.
            """
    )
    /// The parameter with the workspace.
    public static let identityWorkspace = Setting(
        variable: "IDENTITY_WORKSPACE_PARAM",
        standard: .value("REMOTE_WORKSPACE"),
        values: .text("a parameter's name of at most 63 characters A-Z, 0-9 and _, such as HTTP_X_AUTH_REQUEST_USER"),
        summary: "The FastCGI parameter with the workspace",
        details: "What is refused is the same as for the user's."
    )
    /// What proves that a request comes from the web server.
    public static let proxySecret = Setting(
        variable: "PROXY_SECRET",
        standard: .none,
        values: .text("any text that is not empty"),
        summary: "What the FastCGI parameter `PROXY_SECRET` of every request must be",
        details: """
            Required where the identity comes from a name that starts with `HTTP_`, which a client can forge, or where \
            other machines can connect. An empty secret is an error.
            """
    )
    /// The same in a file.
    public static let proxySecretFile = Setting(
        variable: "PROXY_SECRET_FILE",
        standard: .none,
        values: .secretFile,
        summary: "A file with what would be the value of `PROXY_SECRET`, instead of it"
    )
    /// Whether writes need a precondition.
    public static let precondition = Setting(
        variable: "REQUIRE_PRECONDITION",
        standard: .value("off"),
        values: .words(["on", "off"]),
        summary: "Whether writes without a precondition are answered 428"
    )
    /// How many event loops there are.
    public static let threads = Setting(
        option: "threads",
        valueName: "count",
        variable: "DASHBOARD_STATE_THREADS",
        standard: .words("one for each two processors, two at least"),
        values: .number(unit: "a number of threads", 1...1024),
        summary: "Threads, each with an event loop and one to four connections to Redis"
    )
    /// The longest body.
    public static let maxBody = Setting(
        option: "max-body",
        valueName: "bytes",
        variable: "DASHBOARD_STATE_MAX_BODY",
        standard: .value("1048576"),
        values: .number(unit: "bytes", 1024...67_108_864),
        summary: "Longest body that is accepted, in bytes",
        details: "Raise the web server's limit with it: `client_max_body_size` of nginx."
    )
    /// The path of the service.
    public static let basePath = Setting(
        option: "base-path",
        valueName: "path",
        variable: "DASHBOARD_STATE_BASE_PATH",
        standard: .value("/api/dashboard"),
        values: .text(
            "a path that starts with / and does not end with it, without percent-encoding, ?, line ends, //, /./ and /../"
        ),
        summary: "The path before `/state`",
        details: "It is written as web servers hand it on: decoded, so that nothing in it is percent-encoded."
    )
    /// What a stopping service gives its connections.
    public static let drainTimeout = Setting(
        option: "drain-timeout",
        valueName: "seconds",
        variable: "DASHBOARD_STATE_DRAIN_TIMEOUT",
        standard: .value("10"),
        values: .number(unit: "seconds", 0...3600),
        summary: "Seconds that connections have to finish after SIGTERM",
        details: """
            Keep the web server's time for idle connections below that: `keepalive_timeout` of nginx, `ttl` of Apache.
            """
    )
    /// How long web servers keep connections.
    public static let keepaliveTimeout = Setting(
        option: "keepalive-timeout",
        valueName: "seconds",
        variable: "DASHBOARD_STATE_KEEPALIVE_TIMEOUT",
        standard: .value("5"),
        values: .number(unit: "seconds", 0...3600),
        summary: "Seconds for which the web server may use an idle connection again",
        details: """
            What `keepalive_timeout` of nginx and `ttl` of Apache say: a worker that stops ends connections that have been idle a \
            second longer than that.
            """
    )
    /// Where metrics and checks are.
    public static let admin = Setting(
        option: "admin",
        valueName: "address",
        variable: "DASHBOARD_STATE_ADMIN",
        standard: .words("nowhere"),
        values: .text("unix:/absolute/path or tcp:host:port, where the port may be a sum such as 9460+1"),
        summary: "Where metrics and checks are, over HTTP: `unix:/path` or `tcp:host:port`",
        details: """
            `/metrics`, `/status`, `/healthz` and `/readyz`, for `GET` and `HEAD`: see docs/operate.md. Nothing secret is \
            there, so that any address may be named. Each worker needs one of its own: the package's units give \
            `tcp:127.0.0.1:9460+` and the worker's number. Where it cannot be used, the log says so and the worker serves \
            without it. A CGI program has none.
            """
    )
    /// How much is logged.
    public static let logLevel = Setting(
        option: "log-level",
        valueName: "level",
        variable: "DASHBOARD_STATE_LOG_LEVEL",
        standard: .value("info"),
        values: .words(["trace", "debug", "info", "notice", "warning", "error", "critical"]),
        summary: "The least level that is logged",
        details: "At `info` that is one line a request, and at `debug` the ids of user and workspace are in it."
    )
    /// The form of the log.
    public static let logFormat = Setting(
        option: "log-format",
        valueName: "format",
        variable: "DASHBOARD_STATE_LOG_FORMAT",
        standard: .value("text"),
        values: .words(["text", "json"]),
        summary: "The form of the log"
    )
    /// How many requests are logged.
    public static let logRate = Setting(
        variable: "DASHBOARD_STATE_LOG_RATE",
        standard: .words("\(WorkerLog.usualRateOfJournal) where systemd's journal takes the log, and elsewhere 0"),
        values: .number(unit: "requests a second, 0 for all of them", 0...1_000_000),
        summary: "How many requests a worker logs in a second, 0 for all of them",
        details: """
            As many again may have gone wrong. What is left out is counted in `dashboard_state_log_lines_lost_total` and told \
            in a line, at most once a minute. Warnings and errors are always logged.
            """
    )
    /// What hashes of identities are made with.
    public static let logIDKeyFile = Setting(
        variable: "LOG_ID_KEY_FILE",
        standard: .words("a key drawn at each start"),
        values: .secretFile,
        summary: "A file with a secret of 16 bytes or more, by which the log's hashes of users and workspaces are made",
        details: """
            Workers that have the same one call the same user the same, also after a restart. Who has it can find out whom a \
            hash stands for, by trying ids.
            """
    )
}
