public import CloudEvents

/// Which generation of Keptn's protocol an event speaks.
public enum Era: Sendable, Hashable, CaseIterable {
    /// Keptn up to 0.7: Keptn specification 0.1, CloudEvents 0.2 (or 0.3).
    case keptn07
    /// Keptn from 0.8 on: Keptn specification 0.2, CloudEvents 1.0; tasks are triggered, started and finished.
    case keptn08

    /// The era that an event tells by its `specversion`.
    public init(of event: CloudEvent) { self = event.specVersion == .v1_0 ? .keptn08 : .keptn07 }

    /// The era of a version of the Keptn specification: `0.1` or `0.2` (setting `KEPTN_SPEC`).
    public init?(specification: String) {
        switch specification {
        case "0.1": self = .keptn07
        case "0.2": self = .keptn08
        default: return nil
        }
    }
}
