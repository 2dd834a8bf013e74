import Basics
import ServerTestSupport

/// A refresh that is to be killed at each of its steps.
struct KillScenario: Sendable {
    let name: String
    /// The cache directory before it; nil for an empty one.
    let base: String?
    /// The newest version during it; the next one is pushed after the restart.
    let version: Int
    /// Whether the service's start is part of it.
    var includesStart = false
}

extension KillScenario {
    /// How many steps it has when nobody kills.
    func steps(at site: KillSite) async throws -> Int {
        try await site.push(version)
        let cache = try await site.newCache(base)
        defer { Files.removeTree(cache) }
        let killSwitch = try site.newSwitch(below: cache)
        let service = try await site.start(on: cache, killSwitch)
        let first = includesStart ? 0 : killSwitch.steps
        try await site.run(service)
        try await killSwitch.settle()
        let count = killSwitch.steps - first
        _ = try await service.stop()
        return count
    }

    /// Kills a service at a step.
    ///
    /// - Returns: its cache directory; and what the step was, nil if it came to no such step.
    func kill(at step: Int, torn: Bool, site: KillSite) async throws -> (cache: String, step: String?) {
        try await site.push(version)
        let cache = try await site.newCache(base)
        let killSwitch = try site.newSwitch(below: cache)
        if includesStart { killSwitch.kill(at: step, torn: torn) }
        do {
            let service = try await site.start(on: cache, killSwitch)
            if !includesStart { killSwitch.kill(at: killSwitch.steps + step, torn: torn) }
            _ = try? await site.run(service)
            try await killSwitch.settle()
            if killSwitch.hasKilled { try await service.ended() } else { _ = try await service.stop() }
        } catch let error as ServiceFailure {
            guard killSwitch.hasKilled else { throw error }
        }
        return (cache, killSwitch.hasKilled ? killSwitch.step : nil)
    }

    /// Kills a service at a step, and looks at what the next one makes of it.
    ///
    /// - Returns: nil if it came to no such step.
    func check(step: Int, torn: Bool, site: KillSite) async throws -> KillOutcome? {
        let (cache, killedAt) = try await kill(at: step, torn: torn, site: site)
        defer { Files.removeTree(cache) }
        guard let killedAt else { return nil }
        var outcome = KillOutcome(step: killedAt, leftovers: try Leftovers.find(in: cache))
        let service = try await site.start(on: cache)
        outcome.findings = try await site.findings(service, on: cache, version: version)
        try await site.push(version + 1)
        outcome.findings += try await site.findings(service, on: cache, version: version + 1).map { "one commit later: \($0)" }
        if try await service.stop() != 0 { outcome.findings.append("the service does not stop") }
        return outcome
    }
}

/// What a kill did.
struct KillOutcome: Sendable, Hashable {
    /// The call that was not made.
    let step: String
    /// What the killed service left behind.
    let leftovers: [String]
    /// What was wrong with the next one.
    var findings: [String] = []
}

extension KillScenario {
    static let clone = KillScenario(name: "clone", base: nil, version: 0)

    static func change(at site: KillSite) async throws -> KillScenario {
        KillScenario(name: "change", base: try await refreshed(to: 0, at: site), version: 1)
    }

    /// A start after a kill in the middle of `scenario`, which sweeps.
    static func restart(after scenario: KillScenario, of steps: Int, at site: KillSite) async throws -> KillScenario {
        let (cache, _) = try await scenario.kill(at: steps / 2, torn: true, site: site)
        return KillScenario(name: "restart after \(scenario.name)", base: cache, version: scenario.version, includesStart: true)
    }

    /// The refresh that makes one clone of many packs; nil if there is none.
    static func compaction(at site: KillSite) async throws -> KillScenario? {
        var (cache, version) = (try await refreshed(to: 0, at: site), 1)
        let service = try await site.start(on: cache)
        while site.clone(cache).packs < 40, version < site.lastVersion / 2 {
            try await site.push(version)
            try await site.run(service)
            version += 1
        }
        _ = try await service.stop()
        while version < site.lastVersion {
            let base = cache
            cache = try await site.newCache(base)
            let killSwitch = try site.newSwitch(below: cache)
            let service = try await site.start(on: cache, killSwitch)
            try await site.push(version)
            try await site.run(service)
            try await killSwitch.settle()
            _ = try await service.stop()
            if site.clone(cache).packs < site.clone(base).packs {
                return KillScenario(name: "compaction", base: base, version: version)
            }
            Files.removeTree(base)
            version += 1
        }
        return nil
    }

    private static func refreshed(to version: Int, at site: KillSite) async throws -> String {
        let cache = try await site.newCache(nil)
        try await site.push(version)
        let service = try await site.start(on: cache)
        try await site.run(service)
        _ = try await service.stop()
        return cache
    }
}
