import Testing

@testable import DashboardStateServer

struct ConfigurationTests {
    private func configuration(
        _ variables: [String: String] = [:],
        _ change: (inout Options) -> Void = { _ in }
    ) throws -> Configuration {
        var options = Options()
        change(&options)
        return try Configuration(options: options, environment: Environment { variables[$0] })
    }

    @Test func defaultsAreThePromisedOnes() throws {
        let standard = try configuration()
        #expect(standard.listen == .unix(path: "/run/dashboard-state/worker.sock"))
        #expect(standard.socketAccess.mode == 0o660 && standard.socketAccess.group == nil)
        #expect(standard.maxBody == 1_048_576 && standard.threads >= 1)
        #expect(standard.drainTimeout == 10_000_000_000 && standard.redisTimeout == 2_000_000_000)
        #expect(standard.secondsToLive == 2_592_000 && standard.renewsOnRead && !standard.requiresPrecondition)
        #expect(standard.statePath == Array("/api/dashboard/state".utf8))
        #expect(standard.keyPrefix == Array("hyvve:dashboard:state:".utf8))
        #expect(standard.identity.user == Array("REMOTE_USER".utf8))
        #expect(standard.identity.workspace == Array("REMOTE_WORKSPACE".utf8))
        #expect(standard.proxySecret == nil && standard.warnings.isEmpty)
    }

    @Test func optionsWinOverVariables() throws {
        let variables = ["DASHBOARD_STATE_THREADS": "8", "DASHBOARD_STATE_BASE_PATH": "/x", "REDIS_URL": "unix:///a"]
        let chosen = try configuration(variables) { options in
            options.threads = "2"
            options.redis = "unix:///b?db=1"
        }
        #expect(chosen.threads == 2 && chosen.statePath == Array("/x/state".utf8))
        #expect(chosen.redis.address == .unix(path: "/b") && chosen.redis.database == 1)
    }

    @Test(arguments: ["0", "-1", "x", "1.5", "99999999999"])
    func aWrongTimeToLiveIsTheDefault(text: String) throws {
        let configuration = try configuration(["REDIS_STATE_TTL": text])
        #expect(configuration.secondsToLive == 2_592_000 && configuration.warnings.count == 1)
    }

    @Test func anEmptyVariableIsNotSet() throws {
        #expect(try configuration(["REDIS_STATE_TTL": "", "PROXY_SECRET": ""]).proxySecret == nil)
    }

    @Test func aHeaderAsIdentityNeedsASecret() throws {
        let names = ["IDENTITY_WORKSPACE_PARAM": "HTTP_X_WORKSPACE"]
        #expect(throws: ConfigurationError.forgeable(variable: "IDENTITY_WORKSPACE_PARAM", param: "HTTP_X_WORKSPACE")) {
            try configuration(names)
        }
        let proven = try configuration(names.merging(["PROXY_SECRET": "x"]) { one, _ in one })
        #expect(proven.identity.workspace == Array("HTTP_X_WORKSPACE".utf8))
    }

    @Test func secretsAreComparedWhole() {
        let hasher = Hasher()
        let secret = Secret(Array("s3cret".utf8))
        for (candidate, matches) in [("s3cret", true), ("s3cre", false), ("s3crets", false), ("", false)] {
            #expect(Array(candidate.utf8).withUnsafeBytes { secret.matches($0, hasher) } == matches)
        }
        #expect(!secret.matches(nil, hasher))
    }
}
