import CloudEvents

/// What the placeholders of a `.http` file stand for.
struct PlaceholderValues: Sendable {
    /// `$NAME` and `{{NAME}}`.
    var variables: [String: String]
    /// The whole event: `${data.project}`.
    var event: JSON
    /// What `${env.name}` may show, its keys in lower case.
    var environment: [String: String]
    /// What the `.env` file beside the file says: `{{$dotenv NAME}}`.
    var dotenv: [String: String] = [:]
}
