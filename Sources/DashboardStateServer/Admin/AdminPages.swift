import Bytes
import EventLoop
import Metrics

/// What the admin address answers, but for the readiness, which is asked for first.
struct AdminPages {
    private let observation: WorkerObservation

    init(_ observation: WorkerObservation) { self.observation = observation }

    func answer(_ request: AdminRequest) -> AdminAnswer {
        switch String(decoding: request.path, as: UTF8.self) {
        case "/healthz": return .json(.ok, Array(#"{"status":"ok"}"#.utf8))
        case "/status": return .json(.ok, StatusReport(observation).json)
        case "/metrics":
            let format: MetricsText.Format = request.prefersOpenMetrics ? .openMetrics : .prometheus
            let body = MetricsReport(observation).text(format)
            return AdminAnswer(status: .ok, contentType: format.contentType, body: body)
        default: return .unknownPath
        }
    }

    static func answer(_ readiness: WorkerReadiness) -> AdminAnswer {
        .json(readiness.isServing ? .ok : .serviceUnavailable, readiness.json)
    }
}
