import Foundation
import SwiftSupport
import Testing

@testable import DashboardStateServer

struct ConfigurationTests {
    private func configuration(
        _ variables: [String: String] = [:],
        isCGI: Bool = false,
        _ change: (inout Options) -> Void = { _ in }
    ) throws -> Configuration {
        var options = Options()
        change(&options)
        let environment = Environment(names: { Array(variables.keys) }, { variables[$0] })
        return try Configuration(options: options, environment: environment, isCGI: isCGI)
    }

    @Test func defaultsAreThePromisedOnes() throws {
        let standard = try configuration()
        #expect(standard.listen == .unix(path: "/run/dashboard-state/worker.sock"))
        #expect(standard.socketAccess.mode == 0o660 && standard.socketAccess.group == nil)
        #expect(standard.maxBody == 1_048_576 && standard.threads >= 1)
        #expect(standard.drainTimeout == 10_000_000_000 && standard.redis.timeout == 2_000_000_000)
        #expect(
            standard.store.secondsToLive == 2_592_000 && standard.store.renewsOnRead && !standard.requiresPrecondition
        )
        #expect(standard.statePath == Array("/api/dashboard/state".utf8))
        #expect(standard.store.keyPrefix == Array("hyvve:dashboard:state:".utf8))
        #expect(standard.identity.user == Array("REMOTE_USER".utf8))
        #expect(standard.identity.workspace == Array("REMOTE_WORKSPACE".utf8))
        #expect(standard.proxySecret == nil && standard.warnings.isEmpty)
    }

    @Test func optionsWinOverVariables() throws {
        let variables = ["DASHBOARD_STATE_THREADS": "8", "DASHBOARD_STATE_BASE_PATH": "/x", "REDIS_URL": "unix:///a"]
        let chosen = try configuration(variables) { options in
            options[.threads] = "2"
            options[.redis] = "unix:///b?db=1"
        }
        #expect(chosen.threads == 2 && chosen.statePath == Array("/x/state".utf8))
        #expect("\(chosen.redis)" == "unix:///b db 1")
    }

    @Test func theAdminAddressIsNowhereUnlessItIsNamed() throws {
        func admin(_ text: String, isCGI: Bool = false) throws -> String? {
            try configuration(["DASHBOARD_STATE_ADMIN": text], isCGI: isCGI).admin.map { "\($0)" }
        }
        #expect(try configuration().admin == nil && admin("") == nil)
        #expect(try admin("tcp:127.0.0.1:9464") == "tcp:127.0.0.1:9464" && admin("unix:/a+1") == "unix:/a+1")
        #expect(try admin("tcp:127.0.0.1:9460+12") == "tcp:127.0.0.1:9472" && admin("tcp:[::]:1+1") == "tcp:[::]:2")
        #expect(try admin("tcp:127.0.0.1:9464", isCGI: true) == nil)
        let wrong = ["9464", "tcp:127.0.0.1:9460+blue", "tcp:127.0.0.1:65535+1", "tcp:127.0.0.1:+1", "unix:relative"]
        for text in wrong {
            #expect(throws: ConfigurationError.self) { _ = try admin(text) }
        }
    }

    @Test(arguments: ["0", "-1", "x", "1.5", "99999999999"])
    func aWrongTimeToLiveIsTheDefault(text: String) throws {
        let configuration = try configuration(["REDIS_STATE_TTL": text])
        #expect(configuration.store.secondsToLive == 2_592_000 && configuration.warnings.count == 1)
    }

    @Test func anEmptyVariableIsNotSetUnlessItIsASecret() throws {
        #expect(try configuration(["REDIS_STATE_TTL": "", "REDIS_URL": ""]).warnings.isEmpty)
        for name in ["PROXY_SECRET", "PROXY_SECRET_FILE", "REDIS_PASSWORD_FILE"] {
            #expect(throws: ConfigurationError.emptySecret(variable: name)) { try configuration([name: ""]) }
        }
    }

    @Test func whatIsForSentinelsWantsSome() throws {
        let folder = try TemporaryFolder()
        let file = folder.file("password")
        try "sesame".write(toFile: file, atomically: true, encoding: .utf8)
        let account = ["REDIS_SENTINEL_USERNAME": "app", "REDIS_SENTINEL_PASSWORD_FILE": file]
        let unused = try configuration(account).warnings
        #expect(unused.count == 2 && unused.allSatisfy { $0.contains("names no sentinels") }, "\(unused)")
        let used = account.merging(["REDIS_URL": "redis-sentinel://a,b/state"]) { one, _ in one }
        #expect(try configuration(used).warnings.isEmpty)
        #expect(throws: ConfigurationError.needs("REDIS_SENTINEL_USERNAME", "REDIS_SENTINEL_PASSWORD_FILE")) {
            try configuration(["REDIS_SENTINEL_USERNAME": "app"])
        }
        #expect(throws: ConfigurationError.emptySecret(variable: "REDIS_SENTINEL_PASSWORD_FILE")) {
            try configuration(["REDIS_SENTINEL_PASSWORD_FILE": ""])
        }
    }

    @Test func variablesThatDoNotExistAreWarnedOf() throws {
        let known = [
            "DASHBOARD_STATE_LISTEN": "unix:/x", "DASHBOARD_STATE_SOCKET_MODE": "0600", "DASHBOARD_STATE_THREADS": "1",
            "DASHBOARD_STATE_SOCKET_GROUP": "x", "DASHBOARD_STATE_MAX_BODY": "2048", "DASHBOARD_STATE_BASE_PATH": "/x",
            "DASHBOARD_STATE_DRAIN_TIMEOUT": "1", "DASHBOARD_STATE_LOG_LEVEL": "info", "REDIS_STATE_TTL": "60",
            "DASHBOARD_STATE_LOG_FORMAT": "json", "REDIS_STATE_TTL_RENEW": "save", "IDENTITY_USER_PARAM": "USER_ID",
            "IDENTITY_WORKSPACE_PARAM": "SPACE_ID", "REDIS_URL": "unix:///x", "PROXY_SECRET": "x",
        ]
        // Kubernetes tells of a service called dashboard-state like this, and others are none of our business.
        let foreign = [
            "DASHBOARD_STATE_PORT": "tcp://10.0.0.1:9000", "DASHBOARD_STATE_SERVICE_HOST": "10.0.0.1",
            "DASHBOARD_STATE_PORT_9000_TCP_ADDR": "10.0.0.1", "DASHBOARD_STATE_SERVICE_PORT_FCGI": "9000",
            "REDIS_STATE_SERVICE_PORT": "1", "REDIS_HOST": "x", "DASHBOARD": "x", "HTTP_IDENTITY_X": "y",
        ]
        let all = known.merging(foreign) { one, _ in one }
        #expect(try configuration(all).warnings.isEmpty)
        // An option wins, and the variable exists all the same.
        #expect(try configuration(all) { $0[.listen] = "unix:/y" }.warnings.isEmpty)
        for name in ["DASHBOARD_STATE_LISTENS", "REDIS_STATE_TLL", "REDIS_TLS_CA", "IDENTITY_USER"] {
            let warnings = try configuration(all.merging([name: "x"]) { one, _ in one }).warnings
            #expect(warnings.count == 1 && warnings[0].contains(name), "\(warnings)")
        }
    }

    /// Whatever else is set: no secret proves what a client writes.
    @Test(
        arguments: [
            "QUERY_STRING", "REQUEST_URI", "CONTENT_TYPE", "REQUEST_METHOD", "PATH_INFO", "SCRIPT_NAME", "SERVER_NAME",
            "CONTENT_LENGTH", "DOCUMENT_URI", "REMOTE_ADDR", "REMOTE_PORT", "REDIRECT_QUERY_STRING",
            "REDIRECT_REDIRECT_URL", "PROXY_SECRET", "HTTP_HOST", "HTTP_COOKIE", "HTTP_X_DASHBOARD_USER",
            "HTTP_X_DASHBOARD_WORKSPACE", "REDIRECT_HTTP_IF_MATCH",
        ]
    )
    func partsOfTheRequestAreNoIdentity(param: String) throws {
        for variable in ["IDENTITY_USER_PARAM", "IDENTITY_WORKSPACE_PARAM"] {
            for others in [[:], ["PROXY_SECRET": "x"]] {
                let expected = ConfigurationError.partOfRequest(variable: variable, param: param)
                #expect(throws: expected) {
                    try configuration(others.merging([variable: param]) { one, _ in one })
                }
            }
        }
    }

    @Test(arguments: ["REMOTE_USER", "REDIRECT_REMOTE_USER", "SSL_CLIENT_S_DN_CN", "USER", "MELLON_ID"])
    func othersAre(param: String) throws {
        #expect(try configuration(["IDENTITY_USER_PARAM": param]).identity.user == Array(param.utf8))
        #expect(try configuration(["IDENTITY_USER_PARAM": param], isCGI: true).identity.user == Array(param.utf8))
    }

    /// There the secret and the parameter that proves it are one variable.
    @Test func aCGIProgramTakesNoIdentityFromHeaders() throws {
        let variables = ["IDENTITY_USER_PARAM": "HTTP_X_USER", "PROXY_SECRET": "x"]
        let expected = ConfigurationError.forgeableAsCGI(variable: "IDENTITY_USER_PARAM", param: "HTTP_X_USER")
        #expect(throws: expected) { try configuration(variables, isCGI: true) }
        #expect(try configuration(variables).identity.user == Array("HTTP_X_USER".utf8))
    }

    /// Also under the name that it has behind a redirect within Apache, to an error document for instance.
    @Test(arguments: ["HTTP_X_WORKSPACE", "REDIRECT_HTTP_X_WORKSPACE", "REDIRECT_REDIRECT_HTTP_X_WORKSPACE"])
    func aHeaderAsIdentityNeedsASecret(param: String) throws {
        let names = ["IDENTITY_WORKSPACE_PARAM": param]
        #expect(throws: ConfigurationError.forgeable(variable: "IDENTITY_WORKSPACE_PARAM", param: param)) {
            try configuration(names)
        }
        #expect(throws: ConfigurationError.forgeableAsCGI(variable: "IDENTITY_WORKSPACE_PARAM", param: param)) {
            try configuration(names, isCGI: true)
        }
        let proven = try configuration(names.merging(["PROXY_SECRET": "x"]) { one, _ in one })
        #expect(proven.identity.workspace == Array(param.utf8))
    }

    @Test func secretsInFilesAreTakenWholeOrRefused() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("secret")
        func secret(_ bytes: [UInt8]) throws -> [UInt8]? {
            #expect(FileManager.default.createFile(atPath: path, contents: Data(bytes)))
            return try Environment { $0 == "X" ? path : nil }.secretFile("X")
        }
        let longest = [UInt8](repeating: 0x6B, count: Environment.longestSecret)
        for bytes in [[0x6B], [0x20, 0x6B, 0x20] as [UInt8], longest, [UInt8](repeating: 0x6B, count: 5000)] {
            for end in [[], [0x0A], [0x0D, 0x0A], [UInt8](repeating: 0x0A, count: 5000)] as [[UInt8]] {
                #expect(try secret(bytes + end) == bytes)
            }
            #expect(try Environment { $0 == "Y" ? path : nil }.secretFile("X") == nil)
        }
        for rest in [[0x6B], [0x6B, 0x0A], [0x0A, 0x6B], [UInt8](repeating: 0x0A, count: 5000) + [0x6B]] as [[UInt8]] {
            #expect(throws: ConfigurationError.longFile(variable: "X", path: path, limit: Environment.longestSecret)) {
                try secret(longest + rest)
            }
        }
        for empty in [[], [0x0A], [0x0D, 0x0A, 0x0A]] as [[UInt8]] {
            #expect(throws: ConfigurationError.emptyFile(variable: "X", path: path)) { try secret(empty) }
        }
    }

    @Test func theKeyOfHashesIsAFileOfSomeLength() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("key")
        func key(_ text: String) throws -> [UInt8]? {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            return try configuration(["LOG_ID_KEY_FILE": path]).logIDKey
        }
        #expect(try key("0123456789abcdef\n") == Array("0123456789abcdef".utf8))
        #expect(throws: ConfigurationError.shortFile(variable: "LOG_ID_KEY_FILE", path: path, least: 16)) {
            try key("0123456789abcde\n")
        }
        #expect(throws: ConfigurationError.emptyFile(variable: "LOG_ID_KEY_FILE", path: path)) { try key("\n") }
        #expect(throws: ConfigurationError.emptySecret(variable: "LOG_ID_KEY_FILE")) {
            try configuration(["LOG_ID_KEY_FILE": ""])
        }
        #expect(try configuration([:]).logIDKey == nil && configuration([:]).logRate == nil)
        #expect(try configuration(["DASHBOARD_STATE_LOG_RATE": "0"]).logRate == 0)
    }

    /// A pipe would have to be waited for, and a device has no end.
    @Test func whatIsNoFileHoldsNoSecret() throws {
        let folder = try TemporaryFolder()
        #expect(mkfifo(folder.file("pipe"), 0o600) == 0)
        #expect(symlink(folder.file("pipe"), folder.file("link")) == 0)
        for (path, kind) in [
            (folder.path, "a folder"), (folder.file("pipe"), "a pipe"), (folder.file("link"), "a pipe"),
            ("/dev/null", "a device"), ("/dev/zero", "a device"),
        ] {
            #expect(throws: ConfigurationError.noFile(variable: "X", path: path, kind: kind)) {
                try Environment { _ in path }.secretFile("X")
            }
        }
        let missing = folder.file("missing")
        #expect(throws: ConfigurationError.unreadableFile(variable: "X", path: missing, errno: ENOENT)) {
            try Environment { _ in missing }.secretFile("X")
        }
    }

    @Test(arguments: ["/x", "/x/y", "/api/dash board", "/\u{fc}ber", "/x.y/..z", "/a:b@c#d"])
    func basePathsAreThoseThatRequestsCanHave(path: String) throws {
        let configuration = try configuration(["DASHBOARD_STATE_BASE_PATH": path])
        #expect(configuration.statePath == Array("\(path)/state".utf8))
    }

    @Test(
        arguments: [
            "x", "/", "/x/", "/x?y", "/a%20b", "/%", "/x\n", "/x\ny", "/x\r\n", "/\t", "/\u{7f}", "//", "//x", "/x//y",
            "/./x", "/x/..", "/x/../y",
        ]
    )
    func othersAreRefused(path: String) {
        let error = #expect(throws: ConfigurationError.self) { try configuration(["DASHBOARD_STATE_BASE_PATH": path]) }
        #expect(error.map { "\($0)" }?.contains("--base-path (DASHBOARD_STATE_BASE_PATH)") == true)
    }

    /// A worker with such a one would refuse every request.
    @Test func secretsThatNoParameterHoldsAreRefused() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("secret")
        let error = ConfigurationError.unusableProxySecret(limit: Environment.longestSecret)
        for bytes in [[0x6B, 0, 0x6B], [0xFF, 0xFE, 0x6B, 0], [0]] as [[UInt8]] {
            #expect(FileManager.default.createFile(atPath: path, contents: Data(bytes)))
            #expect(throws: error) { try configuration(["PROXY_SECRET_FILE": path]) }
        }
        let longest = String(repeating: "k", count: Environment.longestSecret)
        #expect(try configuration(["PROXY_SECRET": longest]).proxySecret != nil)
        #expect(throws: error) { try configuration(["PROXY_SECRET": longest + "k"]) }
    }

    @Test func secretsAreComparedWhole() {
        let hasher = Hasher()
        let secret = Secret(Array("s3cret".utf8))
        for (candidate, matches) in [("s3cret", true), ("s3cre", false), ("s3crets", false), ("", false)] {
            let isMatched = Array(candidate.utf8).withSpan { secret.matches($0, hasher) }
            #expect(isMatched == matches)
        }
        let isNothingMatched = secret.matches(nil, hasher)
        #expect(!isNothingMatched)
    }
}
