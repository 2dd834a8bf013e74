extension HTTPFile {
    /// More than any person writes; a chain of references is followed as deep as this on a thread's stack.
    private static let requestLimit = 1_000

    /// Which requests are sent, in order: those of the file but for disabled ones, each after those that it refers to, none twice.
    ///
    /// - Throws: for a reference to no request, for requests that refer to each other in a ring, and for very many requests.
    func sendOrder() throws(HTTPFileError) -> [Int] {
        guard requests.count <= Self.requestLimit else {
            let reason = "the file has \(requests.count) requests, more than \(Self.requestLimit): part it into several files"
            throw HTTPFileError(reason, line: requests[Self.requestLimit].method.line)
        }
        var order: [Int] = []
        var done: Set<Int> = []
        var open: Set<Int> = []

        func visit(_ index: Int) throws(HTTPFileError) {
            guard !done.contains(index) else { return }
            guard open.insert(index).inserted else {
                throw HTTPFileError("@ref goes round in a ring", line: requests[index].method.line)
            }
            for reference in requests[index].tags.references {
                guard let target = requests.firstIndex(where: { $0.name == reference }) else {
                    throw HTTPFileError("@ref \(reference) names no request of this file", line: requests[index].method.line)
                }
                try visit(target)
            }
            open.remove(index)
            done.insert(index)
            order.append(index)
        }

        for index in requests.indices where !requests[index].tags.isDisabled { try visit(index) }
        return order
    }
}
