extension HTTPFile {
    /// Which requests are sent, in order: those of the file but for disabled ones, each after those that it refers to, none twice.
    ///
    /// - Throws: for a reference to no request, and for requests that refer to each other in a ring.
    func sendOrder() throws(HTTPFileError) -> [Int] {
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
