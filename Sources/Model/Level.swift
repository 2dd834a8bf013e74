/// Where a script is kept, from the narrowest to the widest: the first level that has a file wins.
public enum Level: String, Sendable, Hashable, CaseIterable {
    case service
    case stage
    case project
}
