// swift-tools-version:6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

/// A library of this package: its folder is `Sources/<name>`.
func library(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

/// The tests of the library `name`: their folder is `Tests/<name>Tests`.
func tests(of name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []) -> Target {
    .testTarget(
        name: name + "Tests",
        dependencies: [.target(name: name), "TestSupport"] + dependencies,
        resources: resources,
        swiftSettings: settings
    )
}

let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let crypto: [Target.Dependency] = [
    .product(name: "Crypto", package: "swift-crypto"), .product(name: "CryptoExtras", package: "swift-crypto"),
]
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")

let package = Package(
    name: "generic-executor-service",
    products: [
        .executable(name: "generic-executor-service", targets: ["generic-executor-service"]),
        // Loaded into the service by tests that kill it.
        .library(name: "KillSwitch", type: .dynamic, targets: ["KillSwitch"]),
    ]
        + ["Basics", "CloudEvents", "Curl", "Executor", "Git", "Model", "Processes", "RepoCache", "TestSupport"].map {
            .library(name: $0, targets: [$0])
        },
    dependencies: [
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration", exact: "1.4.0", traits: []),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    ],
    targets: [
        .systemLibrary(name: "CLibGit2", pkgConfig: "libgit2", providers: [.apt(["libgit2-dev"])]),
        .systemLibrary(name: "CLibCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .target(name: "CSpawn"),
        library("Basics", []),
        library("CloudEvents", ["Basics"]),
        library("Curl", ["Basics", "CLibCurl"]),
        library("Processes", ["Basics", "CSpawn"]),
        library("Model", ["CloudEvents"]),
        library("Git", ["Basics", "CLibGit2", "Curl", "Processes"]),
        library("RepoCache", ["Basics", "CloudEvents", "Curl", "Git", "Model", "Processes"]),
        library("Executor", ["Basics", "CloudEvents", "Curl", "Model", "Processes"]),
        library("Keptn", ["Basics", "CloudEvents", "Model"]),
        library(
            "Server",
            [
                "Basics", "CloudEvents", "Curl", "Executor", "Git", "Keptn", "Model", "Processes", "RepoCache",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"), "Yams", configuration, lifecycle, logging,
            ] + crypto
        ),
        .executableTarget(
            name: "generic-executor-service",
            dependencies: [
                "Basics", "CloudEvents", "Model", "Processes", "Server",
                .product(name: "ArgumentParser", package: "swift-argument-parser"), logging,
            ],
            swiftSettings: settings
        ),
        .target(name: "CThreadSanitizer", path: "Tests/CThreadSanitizer"),
        .target(
            name: "TestSupport",
            dependencies: ["Basics", "CThreadSanitizer", "CloudEvents", "Processes"],
            path: "Tests/TestSupport",
            swiftSettings: settings
        ),
        .target(name: "KillSwitch", path: "Tests/KillSwitch"),
        .target(
            name: "ServerTestSupport",
            dependencies: [
                "Basics", "CloudEvents", "Curl", "Processes", "TestSupport",
                .product(name: "Hummingbird", package: "hummingbird"), logging,
            ] + crypto,
            path: "Tests/ServerTestSupport",
            swiftSettings: settings
        ),
        .testTarget(
            name: "TestSupportTests",
            dependencies: ["Basics", "Processes", "TestSupport"],
            swiftSettings: settings
        ),
        tests(of: "Basics"),
        tests(of: "CloudEvents"),
        tests(of: "Model"),
        tests(of: "Curl"),
        tests(of: "Processes"),
        tests(of: "Git", ["Basics", "Curl", "Processes"]),
        tests(of: "RepoCache", ["Basics", "CloudEvents", "Curl", "Git", "Model", "Processes"]),
        tests(of: "Executor", ["Basics", "CloudEvents", "Curl", "Model", "Processes"]),
        tests(of: "Keptn", ["CloudEvents", "Model"]),
        tests(
            of: "Server",
            [
                "Basics", "CloudEvents", "Curl", "Executor", "Git", "Keptn", "Model", "RepoCache", "ServerTestSupport", "Yams",
                .product(name: "GRDB", package: "GRDB.swift"), configuration, logging,
            ] + crypto
        ),
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "Basics", "CloudEvents", "Curl", "Processes", "ServerTestSupport", "TestSupport",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: settings
        ),
    ]
)
