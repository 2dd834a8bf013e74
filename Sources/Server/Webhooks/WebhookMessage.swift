/// What a webhook says.
enum WebhookMessage: Sendable, Hashable {
    case push(PushNotice)
    /// The forge tries whether anybody answers.
    case ping
    /// Something else happened, which is no reason to refresh.
    case other(event: String)
}
