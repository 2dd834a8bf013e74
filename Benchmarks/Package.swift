// swift-tools-version:6.2
import PackageDescription

let package = Package(
    name: "benchmarks",
    dependencies: [.package(name: "generic-executor-service", path: "..")],
    targets: [
        .executableTarget(
            name: "bench-git",
            dependencies: ["Basics", "Curl", "Git", "Model", "Processes", "RepoCache", "TestSupport"].map {
                .product(name: $0, package: "generic-executor-service")
            },
            swiftSettings: [
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("MemberImportVisibility"),
                .enableUpcomingFeature("InternalImportsByDefault"),
                .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
                .treatAllWarnings(as: .error),
            ]
        )
    ]
)
