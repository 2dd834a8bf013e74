import Basics
import ServerTestSupport
import TestSupport
import Testing

/// The built program, killed with SIGKILL at the numbered steps of a first clone, of a changed commit, of a compaction and of the
/// sweep at the next start. `KILLS` says how often; `make kill-git` wants 200.
@Suite(.timeLimit(.minutes(Effort.kills / 10 + 5))) struct KillTests {
    private struct Kill {
        let scenario: KillScenario
        let step: Int
        let torn: Bool
    }

    @Test("Killed at any step, the next start serves the newest commit, git finds nothing wrong, and nothing is left over")
    func everyStep() async throws {
        let site = try await KillSite(versions: 75)
        let clone = KillScenario.clone
        let change = try await KillScenario.change(at: site)
        var scenarios: [(scenario: KillScenario, steps: Int)] = []
        for scenario in [clone, change] { scenarios.append((scenario, try await scenario.steps(at: site))) }
        for (scenario, steps) in scenarios {
            let restart = try await KillScenario.restart(after: scenario, of: steps, at: site)
            scenarios.append((restart, try await restart.steps(at: site)))
        }
        if let compaction = try await KillScenario.compaction(at: site) {
            scenarios.append((compaction, try await compaction.steps(at: site)))
        } else {
            Issue.record("no refresh made one pack of many: a clone grows for ever")
        }
        print("steps: " + scenarios.map { "\($0.scenario.name) \($0.steps)" }.joined(separator: ", "))
        #expect(scenarios.allSatisfy { $0.steps > 5 })

        var (missed, untidy) = (0, 0)
        for kill in Self.choice(of: scenarios, Effort.kills) {
            guard let outcome = try await kill.scenario.check(step: kill.step, torn: kill.torn, site: site) else {
                missed += 1
                continue
            }
            untidy += outcome.leftovers.isEmpty ? 0 : 1
            let place = "\(kill.scenario.name), step \(kill.step)\(kill.torn ? " (torn)" : ""): \(outcome.step)"
            for finding in outcome.findings { Issue.record("\(place): \(finding)") }
        }
        print("\(Effort.kills) kills, \(missed) of them after the end, \(untidy) that left something to sweep")
        // Threads may take turns in another order, and then there are some steps fewer.
        #expect(missed <= Effort.kills / 10 + 1)
        #expect(untidy > 0, "either no kill hit a refresh, or leftovers are not seen")
    }

    /// Steps of all scenarios, evenly; all of them, whole and torn, if there are fewer than `count`.
    private static func choice(of scenarios: [(scenario: KillScenario, steps: Int)], _ count: Int) -> [Kill] {
        let all = [false, true].flatMap { torn in
            scenarios.flatMap { scenario, steps in
                steps > 0 ? (1...steps).map { Kill(scenario: scenario, step: $0, torn: torn) } : []
            }
        }
        // The golden ratio spreads any number of them over all scenarios.
        guard !all.isEmpty else { return [] }
        return (0..<count).map { number in
            let place = Double(number) * 0.618_033_988_749_895
            return count >= all.count ? all[number % all.count] : all[Int((place - place.rounded(.down)) * Double(all.count))]
        }
    }
}
