import Testing

@testable import Metrics

struct MetricsTextTests {
    private func page(_ format: MetricsText.Format) -> String {
        var page = MetricsText(format, prefix: "x_")
        page.begin("requests", .counter, "Requests")
        page.sample(("route", "a\"b\\c\nd"), ("method", "GET"), value: UInt64(7))
        page.begin("size_bytes", .histogram, unit: "bytes", "Sizes")
        page.histogram(buckets: Buckets([10: "1.0", 20: "2.0"], scale: 10), counts: [1, 0, 2], sum: 123)
        page.begin("build", .info, "Version")
        page.sample(("version", "1"), value: UInt64(1))
        page.end()
        return String(decoding: page.bytes, as: UTF8.self)
    }

    @Test func asPrometheusReadsIt() {
        #expect(
            page(.prometheus) == #"""
                # HELP x_requests_total Requests
                # TYPE x_requests_total counter
                x_requests_total{route="a\"b\\c\nd",method="GET"} 7
                # HELP x_size_bytes Sizes
                # TYPE x_size_bytes histogram
                x_size_bytes_bucket{le="1.0"} 1
                x_size_bytes_bucket{le="2.0"} 1
                x_size_bytes_bucket{le="+Inf"} 3
                x_size_bytes_sum 12.3
                x_size_bytes_count 3
                # HELP x_build_info Version
                # TYPE x_build_info gauge
                x_build_info{version="1"} 1

                """#
        )
    }

    @Test func asOpenMetrics() {
        #expect(
            page(.openMetrics) == #"""
                # HELP x_requests Requests
                # TYPE x_requests counter
                x_requests_total{route="a\"b\\c\nd",method="GET"} 7
                # HELP x_size_bytes Sizes
                # TYPE x_size_bytes histogram
                # UNIT x_size_bytes bytes
                x_size_bytes_bucket{le="1.0"} 1
                x_size_bytes_bucket{le="2.0"} 1
                x_size_bytes_bucket{le="+Inf"} 3
                x_size_bytes_sum 12.3
                x_size_bytes_count 3
                # HELP x_build Version
                # TYPE x_build info
                x_build_info{version="1"} 1
                # EOF

                """#
        )
    }
}
