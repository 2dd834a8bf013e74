// swift-tools-version:6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

/// Modules of the service's package.
func service(_ names: String...) -> [Target.Dependency] {
    names.map { .product(name: $0, package: "generic-executor-service") }
}

let package = Package(
    name: "benchmarks",
    dependencies: [.package(name: "generic-executor-service", path: "..")],
    targets: [
        // Rounds in which all take turns, and what a person reads of them.
        .target(name: "Measuring", dependencies: service("Basics"), swiftSettings: settings),
        // What measures must not take the processors from what is measured.
        .target(name: "CLoad", cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])]),
        // Servers that are measured, and the load they get.
        .target(
            name: "Serving",
            dependencies: ["CLoad", "Measuring"] + service("Basics", "CloudEvents", "Processes"),
            swiftSettings: settings
        ),
        .executableTarget(
            name: "bench-accept",
            dependencies: ["CLoad", "Measuring", "Serving"] + service("Basics", "Curl", "Processes", "TestSupport"),
            swiftSettings: settings
        ),
        .executableTarget(
            name: "bench-git",
            dependencies: ["Measuring"] + service("Basics", "Curl", "Git", "Model", "Processes", "RepoCache", "TestSupport"),
            swiftSettings: settings
        ),
        .executableTarget(
            name: "bench-run",
            dependencies: ["CLoad", "Measuring", "Serving"]
                + service("Basics", "CloudEvents", "Curl", "Executor", "Model", "TestSupport"),
            swiftSettings: settings
        ),
    ]
)
