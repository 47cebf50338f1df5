import Testing

@testable import DashboardStateServer

struct RouteTests {
    /// Web servers cut a path differently, and some leave it whole.
    @Test(
        arguments: [
            ("/api/dashboard/state", "", Route.state), ("", "/api/dashboard/state", .state),
            ("/api/dashboard", "/state", .state), ("/healthz", "", .health), ("/readyz", "", .readiness),
            ("/metrics", "", nil), ("/", "", nil), ("", "", nil), ("/api/dashboard/state", "/", nil),
            ("/api/dashboard/stat", "", nil), ("/api/dashboard/state/x", "", nil), ("/x/healthz", "", nil),
            ("/api/dashboard/state", "/api/dashboard/state", nil),
        ] as [(String, String, Route?)]
    )
    func pathsAreJudgedWhole(scriptName: String, pathInfo: String, route: Route?) {
        let found = Array(scriptName.utf8).withSpan { script in
            Array(pathInfo.utf8).withSpan { info in
                Route(scriptName: script, pathInfo: info, statePath: Array("/api/dashboard/state".utf8))
            }
        }
        #expect(found == route)
    }
}
