import Serving

/// Somebody who runs the script, in their own way.
protocol Contender: Sendable {
    var name: Options.Name { get }

    /// Runs the script `runs` times, `atOnce` at a time.
    func turn(_ runs: Int, atOnce: Int) async throws -> Turn

    /// Ends what it has started.
    func stop() async
}

extension Contender {
    func stop() async {}
}
