import CloudEvents
import Model
import Testing

@testable import Server

@Suite struct RunQueryTests {
    private static let now: Int64 = 1_700_000_000_000

    @Test("A query says which runs, how many, and from where")
    func queries() throws {
        let rows: [(String?, RunQuery)] = [
            (nil, RunQuery()), ("", RunQuery()), ("&", RunQuery()),
            (
                "project=shop&stage=dev&service=carts&type=a.b&result=fail&state=failed",
                RunQuery(
                    filter: RunFilter(project: "shop", stage: "dev", service: "carts", type: "a.b", result: .fail, state: .failed)
                )
            ),
            ("project=sock%20shop&service=a+b", RunQuery(filter: RunFilter(project: "sock shop", service: "a b"))),
            ("state=nothing%20to%20run", RunQuery(filter: RunFilter(state: .nothingToRun))),
            ("since=2023-11-14T22:13:20.5Z", RunQuery(filter: RunFilter(since: 1_700_000_000_500))),
            ("since=2023-11-14T23:13:20%2B01:00", RunQuery(filter: RunFilter(since: 1_700_000_000_000))),
            (
                "since=1h30m&until=30s",
                RunQuery(filter: RunFilter(since: 1_699_994_600_000, until: 1_699_999_970_000))
            ),
            ("limit=1", RunQuery(limit: 1)), ("limit=500&cursor=17", RunQuery(limit: 500, before: 17)),
        ]
        for (text, query) in rows { #expect(try RunQuery(QueryItems(query: text), now: Self.now) == query, "\(text ?? "")") }
    }

    @Test(
        "What cannot be meant is refused with a sentence that names it",
        arguments: [
            ("limit=0", "limit is '0'; allowed: 1 to 500"), ("limit=501", "limit is"), ("limit=", "limit is ''"),
            ("limit=ten", "limit is 'ten'"), ("cursor=0", "cursor is '0'"), ("cursor=-1", "cursor is"),
            ("cursor=+1", "cursor is"),
            ("cursor=x", "cursor is"), ("cursor=99999999999999999999", "cursor is"), ("project=", "project is ''"),
            ("result=passed", "result is 'passed'; allowed: pass, fail, errored"), ("state=over", "allowed: received, planned"),
            ("since=yesterday", "since is 'yesterday'"), ("until=2023-11-14", "until is"),
            ("since=2023-11-14T23:13:20+01:00", "since is"), ("projects=shop", "nothing is called 'projects' here"),
            ("project=a&project=b", "'project' is there twice"), ("project=%zz", "is not encoded as it must be"),
            ("project=%ff", "is not encoded as it must be"), ("project=a%1b[2J&x=%1b", "nothing is called 'x'"),
        ]
    )
    func refused(text: String, part: String) {
        let error = #expect(throws: QueryError.self) { try RunQuery(QueryItems(query: text), now: Self.now) }
        #expect(error?.description.contains(part) == true, "\(error.map { "\($0)" } ?? "")")
    }

    @Test("A re-run is told by query or body what it takes and whether it answers")
    func orders() throws {
        let rows: [(String, String, Rerun.Order?)] = [
            ("", "", .init(run: "r")), ("commit=same&answer=true", "", .init(run: "r", pinsCommit: true, isAnswered: true)),
            ("", #"{"commit":"same","answer":true}"#, .init(run: "r", pinsCommit: true, isAnswered: true)),
            ("answer=false", #"{"commit":"current"}"#, .init(run: "r")), ("", "{}", .init(run: "r")),
            ("commit=old", "", nil), ("answer=yes", "", nil), ("", "[]", nil), ("", "commit=same", nil),
            ("", #"{"commit":null}"#, nil), ("", #"{"answer":1}"#, nil), ("commit=same", #"{"commit":"same"}"#, nil),
            ("force=true", "", nil),
        ]
        for (query, body, expected) in rows {
            var order: Rerun.Order?
            do {
                var items = try QueryItems(query: query)
                try items.add(body: Array(body.utf8))
                order = try Rerun.Order(of: "r", items)
            } catch {
                #expect(!"\(error)".isEmpty)
            }
            #expect(order == expected, "\(query) \(body)")
        }
    }

    @Test("A tag is that of the content, and matches whatever is sent of it")
    func tags() {
        let tag = EntityTag(of: Array("a".utf8))
        #expect(tag == EntityTag(of: Array("a".utf8)) && tag != EntityTag(of: Array("b".utf8)))
        let (weak, strong) = (tag.description, String(tag.description.dropFirst(2)))
        #expect(weak.hasPrefix("W/\"") && weak.count == 36)
        for field in [weak, strong, "*", "\"x\", \(weak)", "\(strong) ,W/\"x\""] { #expect(tag.matches(field), "\(field)") }
        for field in ["", "\"x\"", String(strong.dropFirst()), "W/"] { #expect(!tag.matches(field), "\(field)") }
    }

    @Test("A stream of events is read as it was written, however it is cut", arguments: [1, 2, 3, 7, 1_000])
    func stream(size: Int) {
        let events = [
            ServerSentEvent(id: "0", data: #"{"text":"one: 1"}"#), ServerSentEvent(id: "17", data: "ä"),
            ServerSentEvent(name: "end", id: "17", data: "{}"),
        ]
        let text =
            ServerSentEvent.comment + events[0].text + ServerSentEvent.comment + events[1].text
            + ServerSentEvent(name: "end", data: "{}").text + "data: not ended"
        var reader = ServerSentEventReader()
        var (rest, found): (ArraySlice<UInt8>, [ServerSentEvent]) = (Array(text.utf8)[...], [])
        while !rest.isEmpty {
            found += reader.read(rest.prefix(size))
            rest = rest.dropFirst(size)
        }
        #expect(found == events)
        #expect(reader.lastID == "17")
    }
}
