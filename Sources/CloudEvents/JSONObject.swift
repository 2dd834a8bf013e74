/// The members of a JSON object, in the order in which they were written. A name that comes twice keeps its first place and its
/// last value, as most parsers do.
public struct JSONObject: Sendable, Hashable {
    private struct Member: Sendable, Hashable {
        let key: String
        var value: JSON
    }

    private var members: [Member] = []
    /// Where each member is. Only for large objects: to look at a few names in turn is faster than to hash one, and takes no memory.
    private var index: [String: Int]?

    /// How many members are looked at in turn.
    private static let linearLimit = 16

    public init() {}

    public init(_ members: some Sequence<(String, JSON)>) {
        self.members.reserveCapacity(members.underestimatedCount)
        for (key, value) in members { self[key] = value }
    }

    public subscript(key: String) -> JSON? {
        get { position(of: key).map { members[$0].value } }
        set {
            switch (position(of: key), newValue) {
            case (let position?, let value?): members[position].value = value
            case (let position?, nil):
                members.remove(at: position)
                reindex()
            case (nil, let value?):
                members.append(Member(key: key, value: value))
                if index == nil { reindex() } else { index?[key] = members.count - 1 }
            case (nil, nil): break
            }
        }
    }

    /// The names, in order.
    public var keys: [String] { members.map(\.key) }
    public var count: Int { members.count }
    public var isEmpty: Bool { members.isEmpty }

    /// The member of that name, whatever the case of its letters; an exact match comes first.
    public func value(ignoringCase key: String) -> JSON? {
        if let exact = position(of: key) { return members[exact].value }
        return members.first { key.isEqual(ignoringCase: $0.key) }?.value
    }

    private func position(of key: String) -> Int? {
        if let index { return index[key] }
        return members.firstIndex { $0.key == key }
    }

    private mutating func reindex() {
        guard members.count > Self.linearLimit else {
            index = nil
            return
        }
        index = Dictionary(uniqueKeysWithValues: members.enumerated().map { ($0.element.key, $0.offset) })
    }

    /// Two objects are equal if they have the same members, in whatever order.
    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        guard left.count == right.count else { return false }
        // Each value once: to compare in order first and then again by name would double the work with each level.
        for (mine, other) in zip(left.members, right.members) {
            let value = mine.key == other.key ? other.value : right[mine.key]
            guard let value, value == mine.value else { return false }
        }
        return true
    }

    public func hash(into hasher: inout Hasher) {
        // Equal objects must have equal hashes, whatever the order of their members.
        hasher.combine(members.reduce(0) { $0 &+ $1.hashValue })
    }
}

extension JSONObject: Sequence {
    public func makeIterator() -> some IteratorProtocol<(key: String, value: JSON)> {
        members.lazy.map { (key: $0.key, value: $0.value) }.makeIterator()
    }

    public var underestimatedCount: Int { members.count }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, JSON)...) { self.init(elements) }
}

extension String {
    /// Whether both texts are the same in lower case.
    fileprivate func isEqual(ignoringCase other: String) -> Bool {
        var (left, right) = (utf8.makeIterator(), other.utf8.makeIterator())
        while true {
            switch (left.next(), right.next()) {
            case (nil, nil): return true
            case (let a?, let b?) where a < 0x80 && b < 0x80:
                guard a.lowercased == b.lowercased else { return false }
            // Other letters can change their length with their case, and be written in several ways.
            case (let a?, _) where a >= 0x80: return lowercased() == other.lowercased()
            case (_, let b?) where b >= 0x80: return lowercased() == other.lowercased()
            default: return false
            }
        }
    }
}

extension UInt8 {
    /// An ASCII letter in lower case; everything else as it is.
    fileprivate var lowercased: UInt8 { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) ? self | 0x20 : self }
}
