extension StringProtocol {
    /// As one line of a message, whatever names a stranger's repository holds: without what moves a cursor or turns the direction of
    /// writing, and not endless.
    public var printable: String {
        let scalars = unicodeScalars.prefix(300)
        let text = String(scalars.map { $0.isPrintable ? Character($0) : "?" })
        return scalars.endIndex == unicodeScalars.endIndex ? text : text + "..."
    }
}

extension Unicode.Scalar {
    fileprivate var isPrintable: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }
}
