// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    // Views say how long their bytes live, and the compiler sees to it (SE-0446).
    .enableExperimentalFeature("Lifetimes"),
]

let package = Package(
    name: "dashboard-state",
    products: [
        .executable(name: "dashboard-state-fcgi", targets: ["dashboard-state-fcgi"]),
        .library(name: "CanonicalJSON", targets: ["CanonicalJSON"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
    ],
    targets: [
        // C headers and libraries of Debian, reached through module maps.
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "CFastCGI", pkgConfig: "fcgi", providers: [.apt(["libfcgi-dev"])]),
        // libcrypto is linked. libssl, for TLS, is loaded by who needs it: Sources/RESP/Transport/TLS/TLSLibrary.swift.
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),

        // In the order in which a request passes through them.
        .target(name: "EventLoop", dependencies: ["CLinux"], swiftSettings: settings),
        .target(name: "FastCGI", dependencies: ["Bytes", "CFastCGI", "CLinux", "EventLoop"], swiftSettings: settings),
        .target(
            name: "DashboardStateServer",
            dependencies: [
                "Bytes", "CLinux", "COpenSSL", "CanonicalJSON", "DashboardState", "EventLoop", "FastCGI", "Metrics",
                "StateStore", "Tracing",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "StateStore",
            dependencies: [
                "Bytes", "CLinux", "DashboardState", "EventLoop", "RESP",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "DashboardState",
            dependencies: ["Bytes", "CanonicalJSON"],
            resources: ["newer", "document", "save", "delete"].map { .embedInCode("Script/\($0).lua") },
            swiftSettings: settings
        ),
        .target(name: "CanonicalJSON", dependencies: ["Bytes"], swiftSettings: settings),
        .target(name: "RESP", dependencies: ["Bytes", "CLinux", "COpenSSL"], swiftSettings: settings),
        .target(name: "Metrics", dependencies: ["Bytes"], swiftSettings: settings),
        .target(name: "Tracing", dependencies: ["Bytes", "CLinux", "EventLoop"], swiftSettings: settings),
        .target(name: "Bytes", swiftSettings: settings),
        .executableTarget(
            name: "dashboard-state-fcgi",
            dependencies: [
                "DashboardStateServer", "EventLoop",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: settings
        ),

        // Writes what the manual and docs/configuration.md say of settings; see the latter.
        .executableTarget(
            name: "setting-texts",
            dependencies: ["DashboardStateServer"],
            path: "deploy/SettingTexts",
            swiftSettings: settings
        ),

        // Measures the pure parts; see bench/README.md. Internals only where they can be reached: `bench/micro` builds with
        // -enable-testing, and debug builds have it anyway.
        .executableTarget(
            name: "micro-benchmarks",
            dependencies: ["CanonicalJSON", "DashboardState", "DashboardStateServer", "FastCGI", "RESP"],
            path: "bench/Micro",
            swiftSettings: settings + [.define("INTERNALS", .when(configuration: .debug))]
        ),

        .target(
            name: "SwiftSupport",
            dependencies: ["DashboardState", "RESP", "StateStore"],
            path: "Tests/SwiftSupport",
            swiftSettings: settings
        ),
        .testTarget(name: "EventLoopTests", dependencies: ["EventLoop"], swiftSettings: settings),
        .testTarget(
            name: "FastCGITests",
            dependencies: ["EventLoop", "FastCGI", "SwiftSupport"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "DashboardStateServerTests",
            dependencies: [
                "DashboardStateServer", "FastCGI", "StateStore", "SwiftSupport", "Tracing", "setting-texts",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "StateStoreTests",
            dependencies: [
                "DashboardState", "RESP", "StateStore", "SwiftSupport",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        .testTarget(name: "MetricsTests", dependencies: ["Metrics"], swiftSettings: settings),
        .testTarget(name: "TracingTests", dependencies: ["Tracing"], swiftSettings: settings),
        .testTarget(name: "BytesTests", dependencies: ["Bytes"], swiftSettings: settings),
        .testTarget(
            name: "CanonicalJSONTests",
            dependencies: ["CanonicalJSON", "SwiftSupport"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "DashboardStateTests",
            dependencies: ["CanonicalJSON", "DashboardState", "SwiftSupport"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "RESPTests",
            dependencies: ["COpenSSL", "EventLoop", "RESP", "SwiftSupport"],
            swiftSettings: settings,
            // Compares what the worker loads at run time with the header.
            linkerSettings: [.linkedLibrary("ssl")]
        ),
        .testTarget(
            name: "EndToEndTests",
            dependencies: ["DashboardState", "DashboardStateServer", "SwiftSupport"],
            swiftSettings: settings
        ),
    ]
)

// The same targets for libFuzzer, which has a `main` of its own: see Tests/FuzzTests/run.
let fuzzed: [Target.Dependency] = ["CanonicalJSON", "DashboardState", "DashboardStateServer", "FastCGI", "RESP"]
let fuzzedOnly = ["CanonicalTests.swift", "FuzzTests.swift", "canonical.mjs", "run"]
if Context.environment["DASHBOARD_STATE_FUZZ"] != nil {
    package.products.append(.executable(name: "fuzz", targets: ["fuzz"]))
    package.targets.append(
        .executableTarget(
            name: "fuzz",
            dependencies: fuzzed,
            path: "Tests/FuzzTests",
            exclude: fuzzedOnly,
            swiftSettings: settings + [.unsafeFlags(["-parse-as-library"])]
        )
    )
} else {
    package.targets.append(
        .testTarget(
            name: "FuzzTests",
            dependencies: fuzzed + ["SwiftSupport"],
            exclude: ["Fuzzer.swift", "canonical.mjs", "run"],
            swiftSettings: settings
        )
    )
}
