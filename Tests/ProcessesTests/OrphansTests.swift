import Testing

@testable import Processes

struct OrphansTests {
    typealias Sighting = Orphans.Sighting

    @Test("A marked orphan goes when its run is over, and not before")
    func marked() {
        var orphans = Orphans()
        let found = [Sighting(pid: 1, marker: "a"), Sighting(pid: 2, marker: "b")]
        #expect(orphans.condemned(among: found, inHand: ["a", "b"]) == [])
        #expect(orphans.condemned(among: found, inHand: ["b"]) == [1])
        #expect(orphans.condemned(among: found, inHand: []) == [1, 2])
    }

    @Test("One without a marker goes when all runs are over that were in hand when it was first seen")
    func unmarked() {
        var orphans = Orphans()
        let found = [Sighting(pid: 7, marker: nil)]
        #expect(orphans.condemned(among: found, inHand: ["a", "b"]) == [])
        #expect(orphans.condemned(among: found, inHand: ["b", "c"]) == [])
        #expect(orphans.condemned(among: found, inHand: ["c", "d"]) == [7])
    }

    @Test("One that was seen when nothing was in hand goes at once")
    func stranger() {
        var orphans = Orphans()
        #expect(orphans.condemned(among: [Sighting(pid: 7, marker: nil)], inHand: []) == [7])
    }

    @Test("A number that was reaped in between begins anew")
    func reused() {
        var orphans = Orphans()
        let found = [Sighting(pid: 7, marker: nil)]
        #expect(orphans.condemned(among: found, inHand: ["a"]) == [])
        #expect(orphans.condemned(among: [], inHand: ["a"]) == [])
        #expect(orphans.condemned(among: found, inHand: ["b"]) == [])
        #expect(orphans.condemned(among: found, inHand: []) == [7])
    }

    @Test("The end of a run waits for what was told to end, but not for ever for one")
    func patience() {
        var orphans = Orphans()
        let start = ContinuousClock.now
        func awaited(_ found: [Sighting], _ milliseconds: Int) -> Set<String?> {
            orphans.awaited(found, limit: .seconds(1), now: start + .milliseconds(milliseconds))
        }
        let stuck = Sighting(pid: 1, marker: "a")
        #expect(awaited([stuck], 0) == ["a"])
        #expect(awaited([stuck, Sighting(pid: 2, marker: nil)], 900) == ["a", nil])
        #expect(awaited([stuck, Sighting(pid: 2, marker: nil)], 1_100) == [nil])
        #expect(awaited([stuck, Sighting(pid: 3, marker: "b")], 2_000) == ["b"])
        // A number that was reaped in between begins anew.
        #expect(awaited([], 2_100) == [])
        #expect(awaited([stuck], 2_200) == ["a"])
    }
}
