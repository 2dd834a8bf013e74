import Synchronization

/// Values that concurrent code leaves behind, in the order in which they came.
public final class Collected<Element: Sendable>: Sendable {
    private let state = Mutex<[Element]>([])

    public init() {}

    public var values: [Element] { state.withLock { $0 } }

    public func append(_ element: Element) { state.withLock { $0.append(element) } }
}
