import Basics
import Synchronization

/// What is masked in one run: the secrets that the service knows, and those that its files name themselves.
final class RunSecrets: Sendable {
    /// More than any script names on purpose. All pieces of all outputs come by here on one thread: nobody may make that slow.
    private static let limit = 100
    private static let byteLimit = 32 << 10

    private struct Own {
        var values: Set<String> = []
        var bytes = 0
        var redactor: Redactor?
        /// With the registry's masks, as they were in that version.
        var combined: (redactor: Redactor, version: Int)?
    }

    private let registry: SecretRegistry
    private let own = Mutex(Own())

    init(_ registry: SecretRegistry) { self.registry = registry }

    /// `::add-mask::VALUE`
    func add(_ value: String) {
        own.withLock { own in
            guard own.values.count < Self.limit, own.bytes + value.utf8.count <= Self.byteLimit,
                own.values.insert(value).inserted
            else { return }
            own.bytes += value.utf8.count
            let new = Redactor(secrets: SecretForms.all(of: value))
            own.redactor = own.redactor?.adding(new) ?? new
            own.combined = nil
        }
    }

    var redactor: Redactor {
        let (known, version) = registry.current
        return own.withLock { own in
            guard let redactor = own.redactor else { return known }
            if let combined = own.combined, combined.version == version { return combined.redactor }
            let combined = known.adding(redactor)
            own.combined = (combined, version)
            return combined
        }
    }

    func redact(_ text: String) -> String { redactor.redact(text) }
}
