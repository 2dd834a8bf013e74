import Basics
import Synchronization

/// What is masked in one run: the secrets that the service knows, and those that its files name themselves.
final class RunSecrets: Sendable {
    /// More than any script names on purpose.
    private static let limit = 1_000

    private let registry: SecretRegistry
    private let own = Mutex<(values: Set<String>, redactor: Redactor?)>(([], nil))

    init(_ registry: SecretRegistry) { self.registry = registry }

    /// `::add-mask::VALUE`
    func add(_ value: String) {
        own.withLock { own in
            guard own.values.count < Self.limit, own.values.insert(value).inserted else { return }
            own.redactor = Redactor(secrets: own.values.reduce(into: Set()) { $0.formUnion(SecretForms.all(of: $1)) })
        }
    }

    var redactor: Redactor {
        let own = own.withLock { $0.redactor }
        return own.map(registry.redactor.adding) ?? registry.redactor
    }

    func redact(_ text: String) -> String { redactor.redact(text) }
}
