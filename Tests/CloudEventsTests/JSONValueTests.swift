import CloudEvents
import Testing

@Suite("JSON value")
struct JSONValueTests {
    @Test(
        "a number in plain text",
        arguments: [
            ("1", "1"), ("1e3", "1000"), ("1.5e3", "1500"), ("-2E+2", "-200"), ("100e-2", "1"), ("1.50e1", "15"), ("0e9", "0"),
            ("1e18", "1000000000000000000"), ("9223372036854775807e0", "9223372036854775807"),
            ("1e19", "1e19"), ("1.5e0", "1.5e0"), ("1e-3", "1e-3"), ("1e99999999999999999999", "1e99999999999999999999"),
            ("1.0", "1.0"), ("1.10", "1.10"), ("12345678901234567890", "12345678901234567890"),
        ]
    )
    func plainText(text: String, plain: String) throws {
        let number = try #require(try JSON(parsing: text.utf8).number)
        #expect(number.plainText == plain)
        #expect(number.text == text)
    }

    @Test(
        "a number as an integer, never rounded",
        arguments: [
            ("7", 7), ("7.0", 7), ("7e1", 70), ("9007199254740993.0", 9_007_199_254_740_993), ("-0", 0), ("7.5", nil),
            ("1e30", nil),
            ("9223372036854775808", nil), ("-9223372036854775808", .min),
        ] as [(String, Int?)]
    )
    func int(text: String, expected: Int?) throws {
        #expect(try JSON(parsing: text.utf8).number?.int == expected)
    }

    @Test(
        "a number made of a Double is valid JSON",
        arguments: [(1.5, "1.5"), (3.0, "3"), (.nan, "0"), (-.infinity, "0"), (1e300, "1e+300")]
    )
    func double(value: Double, text: String) throws {
        #expect(JSONNumber(value).text == text)
        #expect(throws: Never.self) { try JSON(parsing: text.utf8) }
    }

    @Test("is written compactly, in order, with escapes only where they are needed")
    func compact() {
        let value: JSON = ["b": "a/b\"\\\n\r\t\u{1}\u{1F}\u{7F}é😀<&>", "a": [1, true, .null, [:], []]]
        #expect(value.text == #"{"b":"a/b\"\\\n\r\t\u0001\u001f"# + "\u{7F}é😀<&>" + #"","a":[1,true,null,{},[]]}"#)
        #expect(value.serialized() == Array(value.text.utf8))
    }

    @Test("is written for people")
    func pretty() {
        let value: JSON = ["a": [1, ["b": .null]], "c": [:], "d": []]
        #expect(
            value.prettyText == """
                {
                  "a": [
                    1,
                    {
                      "b": null
                    }
                  ],
                  "c": {},
                  "d": []
                }
                """
        )
    }

    @Test(
        "a path finds its value",
        arguments: [
            ("type", "t"), ("data.project", "sock shop"), ("data.list[0].x", 1), ("data.list[1][0]", "deep"),
            ("data.labels", ["a.b": 2, "c[0]": 3]),
            ("data.labels.a.b", 2), ("data.labels.c[0]", 3), ("data.none", nil), ("Type", nil), ("data.list[2]", nil),
            ("data.list[-1]", nil),
            ("data.list[0]x", nil), ("data.list[", nil), ("data.list[99999999999999999999]", nil), ("data.list.0", nil),
            ("type.x", nil),
            ("data.", nil), (".data", nil), ("data..project", nil), ("", nil), ("[0]", nil), ("data.list[]", nil),
            ("data.null", .some(.null)),
        ] as [(String, JSON?)]
    )
    func path(path: String, expected: JSON?) {
        let value: JSON = [
            "type": "t",
            "data": [
                "project": "sock shop", "list": [["x": 1], ["deep"]], "labels": ["a.b": 2, "c[0]": 3], "null": .null,
            ],
        ]
        #expect(value.value(at: path) == expected)
    }

    @Test("an object finds a member whatever the case of its letters, an exact match first")
    func ignoringCase() {
        let object: JSONObject = ["PROJECT": 1, "project": 2, "ProblemID": 3]
        #expect(object.value(ignoringCase: "project") == 2)
        #expect(object.value(ignoringCase: "Project") == 1)
        #expect(object.value(ignoringCase: "problemid") == 3)
        #expect(object.value(ignoringCase: "pid") == nil)
    }

    @Test(
        "letters beyond ASCII have a case, too",
        arguments: [("ÄNDERUNG", "änderung"), ("kelvin", "\u{212A}elvin"), ("e\u{301}", "\u{C9}"), ("\u{1E9E}", "\u{DF}")]
    )
    func ignoringCaseBeyondASCII(name: String, written: String) {
        let (object, other): (JSONObject, JSONObject) = ([written: 1], [name: 1])
        #expect(object.value(ignoringCase: name) == 1 && other.value(ignoringCase: written) == 1)
        #expect(object.value(ignoringCase: name + "x") == nil)
    }

    @Test("an object is the same with few members and with many", arguments: [1, 15, 16, 17, 18, 500])
    func size(count: Int) {
        let names = (0..<count).map { "member \($0)" }
        var object = JSONObject(names.enumerated().map { ($0.element, .number(JSONNumber($0.offset))) })
        object["member 0"] = "first"
        #expect(object.keys == names)
        #expect(names.indices.dropFirst().allSatisfy { object[names[$0]] == .number(JSONNumber($0)) })
        #expect(object["member 0"] == "first" && object["member \(count)"] == nil)
        let backwards = JSONObject(names.reversed().map { ($0, object[$0] ?? .null) })
        #expect(object == backwards && object.hashValue == backwards.hashValue)
        for name in names {
            object[name] = nil
            #expect(object[name] == nil && object != backwards)
        }
        #expect(object.isEmpty)
    }

    @Test("deep values are compared in time linear to their size", .timeLimit(.minutes(1)))
    func deepComparison() throws {
        func nested(_ leaf: String) throws -> JSON {
            let depth = 100
            return try JSON(
                parsing: (String(repeating: #"{"a":0,"b":"#, count: depth) + leaf + String(repeating: "}", count: depth)).utf8
            )
        }
        #expect(try nested("1") != nested("2"))
        #expect(try nested("1") == nested("1"))
    }

    @Test("an object forgets a member that is set to nil, and takes it back at the end")
    func removal() {
        var object: JSONObject = ["a": 1, "b": 2]
        object["a"] = nil
        #expect(object.keys == ["b"])
        object["a"] = 3
        #expect(JSON.object(object).text == #"{"b":2,"a":3}"#)
        #expect(object == ["a": 3, "b": 2])
    }
}
