import CloudEvents

extension Rerun.Order {
    /// Reads what a request asks for: its query, and the members of a JSON object in its body.
    init(of run: String, _ items: QueryItems) throws(QueryError) {
        var items = items
        let pins = try items.take("commit", allowed: "current, same") { ["current": false, "same": true][$0] }
        let answers = try items.take("answer", allowed: "true, false") { ["false": false, "true": true][$0] }
        try items.finish(known: ["commit", "answer"])
        self.init(run: run, pinsCommit: pins ?? false, isAnswered: answers ?? false)
    }
}

extension QueryItems {
    /// Adds the members of a JSON object; of nothing, nothing.
    mutating func add(body: [UInt8]) throws(QueryError) {
        guard !body.isEmpty else { return }
        guard let object = (try? JSON(parsing: body))?.object else {
            throw QueryError("the body is no JSON object; it may be left out")
        }
        for (name, value) in object { try add(name, value.scalarText ?? value.text) }
    }
}
