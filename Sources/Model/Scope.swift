/// Where in Keptn's world an event belongs.
public struct Scope: Sendable, Hashable {
    public var project: PlainName?
    public var stage: PlainName?
    public var service: PlainName?

    public init(project: PlainName?, stage: PlainName?, service: PlainName?) {
        self.project = project
        self.stage = stage
        self.service = service
    }
}
