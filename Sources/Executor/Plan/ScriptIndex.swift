import Model
import Synchronization

/// What stands at the places where scripts are looked for, remembered: a folder of a commit never changes, and most places are empty.
final class ScriptIndex: Sendable {
    private static let capacity = 20_000

    private let known = Mutex<[String: Planner.Finding]>([:])

    /// nil: nobody has looked there yet, or it may have changed since.
    func known(_ place: Snapshot.Place, _ folder: String, _ name: String) -> Planner.Finding? {
        guard place.isOfCommit else { return nil }
        return known.withLock { $0[Self.key(place, folder, name)] }
    }

    /// Looks on disk where nobody has looked. Blocks.
    func find(_ place: Snapshot.Place, _ folder: String, _ name: String) -> Planner.Finding {
        if let finding = known(place, folder, name) { return finding }
        let finding = ScriptFiles.find(place, folder, name)
        guard place.isOfCommit else { return finding }
        known.withLock { known in
            if known.count >= Self.capacity { known.removeAll() }
            known[Self.key(place, folder, name)] = finding
        }
        return finding
    }

    private static func key(_ place: Snapshot.Place, _ folder: String, _ name: String) -> String {
        "\(place.directory)/\(folder)/\(name)"
    }
}
