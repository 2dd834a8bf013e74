import Synchronization

/// The secrets that are known by now, shared by all that show something: a token may come long after the start.
///
/// Asking for the masks is cheap: they are made when a secret comes that was not known.
public final class SecretRegistry: Sendable, CustomReflectable {
    private struct State: Sendable {
        /// What was read, and when it was last told: the one that was told longest ago goes first.
        var read: [String: UInt64] = [:]
        var clock: UInt64 = 0
        var redactor: Redactor
        /// Counts the changes of `redactor`.
        var version = 0
    }

    private let fixed: [String]
    private let limit: Int
    private let state: Mutex<State>

    /// - Parameters:
    ///   - secrets: those that stay for ever.
    ///   - limit: how many of those that are added later are kept.
    public init(_ secrets: some Sequence<String> = [String](), limit: Int = 4_096) {
        fixed = Array(secrets)
        self.limit = max(1, limit)
        state = Mutex(State(redactor: Self.redactor(fixed)))
    }

    /// The masks for all that is known at this moment.
    public var redactor: Redactor { state.withLock { $0.redactor } }

    /// The same, with a number that is another one after each change: for who combines them with more.
    public var current: (redactor: Redactor, version: Int) { state.withLock { ($0.redactor, $0.version) } }

    /// Printing one shows nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }

    public func redact(_ text: String) -> String { redactor.redact(text) }

    /// From now on these are masked, too.
    public func add(_ secrets: some Sequence<String>) {
        state.withLock { state in
            var new: [String] = []
            for secret in secrets where Redactor.isMasked(secret) {
                state.clock += 1
                if state.read.updateValue(state.clock, forKey: secret) == nil { new.append(secret) }
            }
            guard !new.isEmpty else { return }
            state.version += 1
            guard state.read.count > limit else {
                state.redactor = state.redactor.adding(Self.redactor(new))
                return
            }
            for (secret, _) in state.read.sorted(by: { $0.value < $1.value }).dropLast(limit) { state.read[secret] = nil }
            state.redactor = Self.redactor(fixed + state.read.keys)
        }
    }

    /// Masks the secrets however they are spelled.
    private static func redactor(_ secrets: [String]) -> Redactor {
        Redactor(secrets: secrets.filter(Redactor.isMasked).reduce(into: Set()) { $0.formUnion(SecretForms.all(of: $1)) })
    }
}
