import CloudEvents
import Keptn
import Model
import Testing

@Suite("Fixed variables")
struct FixedVariablesTests {
    static func variables(_ event: CloudEvent) throws -> [String: String] {
        let variables = try request(event).variables
        #expect(Set(variables.map(\.name)).count == variables.count, "each name comes once")
        return Dictionary(uniqueKeysWithValues: variables.map { ($0.name, $0.value) })
    }

    static let names03 = [
        "TIMESTRING", "TIMEUTCSTRING", "TIMEUTCMS", "CONTEXT", "EVENT", "SOURCE", "PROJECT", "STAGE", "SERVICE", "DEPLOYMENT",
        "TESTSTRATEGY",
        "DEPLOYMENTURILOCAL", "DEPLOYMENTURIPUBLIC", "ACTION", "PROBLEMID", "PROBLEMSTATE", "PID", "PROBLEMTITLE", "PROBLEMURL",
    ]

    @Test("all names of 0.3 are there, empty where the event says nothing")
    func empty() throws {
        let variables = try Self.variables(event("sh.keptn.event.test.triggered", ["project": "p"], extensions: [:]))
        for name in Self.names03 { #expect(variables[name] != nil, "\(name)") }
        #expect(
            Self.names03.filter { variables[$0] != "" } == [
                "TIMESTRING", "TIMEUTCSTRING", "TIMEUTCMS", "EVENT", "SOURCE", "PROJECT",
            ]
        )
        for name in ["SUBJECT", "SHKEPTNCONTEXT", "SHKEPTNSPECVERSION", "TRIGGEREDID", "GITCOMMITID"] {
            #expect(variables[name] == nil, "\(name)")
        }
    }

    @Test("Seed: event and project context")
    func context() throws {
        let variables = try Self.variables(event("sh.keptn.event.configuration.change", version: .v0_2))
        #expect(variables["CONTEXT"] == "context")
        #expect(variables["EVENT"] == "sh.keptn.event.configuration.change")
        #expect(variables["SOURCE"] == "shipyard-controller")
        #expect(variables["TIMESTRING"] == "2020-11-25 21:03:55.5 +0000 UTC")
        #expect(variables["TIMEUTCSTRING"] == "2020-11-25 21:03:55.5 +0000 UTC")
        #expect(variables["TIMEUTCMS"] == "1606338235500")
        #expect(variables["PROJECT"] == "sockshop")
        #expect(variables["STAGE"] == "dev")
        #expect(variables["SERVICE"] == "carts")
    }

    @Test(
        "Seed: deployment finished in both eras",
        arguments: [
            [
                "project": "p", "deploymentstrategy": "direct", "teststrategy": "performance", "deploymentURILocal": "http://l",
                "deploymentURIPublic": "http://p",
            ],
            [
                "project": "p", "test": ["teststrategy": "performance"],
                "deployment": [
                    "deploymentstrategy": "direct", "deploymentURIsLocal": ["http://l", "http://x"],
                    "deploymentURIsPublic": ["http://p"],
                ],
            ],
        ] as [JSON]
    )
    func deployment(data: JSON) throws {
        let variables = try Self.variables(event("t", data))
        #expect(variables["DEPLOYMENT"] == "direct")
        #expect(variables["TESTSTRATEGY"] == "performance")
        #expect(variables["DEPLOYMENTURILOCAL"] == "http://l")
        #expect(variables["DEPLOYMENTURIPUBLIC"] == "http://p")
    }

    @Test(
        "problems, at the top or below an action",
        arguments: [
            ["project": "p", "State": "OPEN", "ProblemID": "1", "ProblemTitle": "t", "PID": -66, "ProblemURL": "u"],
            [
                "project": "p",
                "problem": ["state": "OPEN", "problemID": "1", "ProblemTitle": "t", "pid": "-66", "ProblemURL": "u"],
            ],
        ] as [JSON]
    )
    func problem(data: JSON) throws {
        let variables = try Self.variables(event("sh.keptn.event.problem.open", data))
        #expect(
            ["PROBLEMSTATE", "PROBLEMID", "PROBLEMTITLE", "PID", "PROBLEMURL"].map { variables[$0] } == [
                "OPEN", "1", "t", "-66", "u",
            ]
        )
    }

    @Test("Seed: labels as they are written and in upper case")
    func labels() throws {
        let labels: JSON = [
            "gitcommit": "abc", "A": "upper", "a": "lower", "build no": 17,
            "big": .number(try #require(JSON(parsing: "1e3".utf8).number)),
            "on": true, "none": .null, "list": [1, ["x": "y"]],
        ]
        let variables = try Self.variables(event("t", ["project": "p", "Labels": labels]))
        #expect(variables["LABEL_gitcommit"] == "abc")
        #expect(variables["LABEL_GITCOMMIT"] == "abc")
        #expect(variables["LABEL_A"] == "upper")
        #expect(variables["LABEL_a"] == "lower")
        #expect(variables["LABEL_build no"] == "17")
        #expect(variables["LABEL_BUILD NO"] == "17")
        #expect(variables["LABEL_big"] == "1000")
        #expect(variables["LABEL_on"] == "true")
        #expect(variables["LABEL_none"] == "")
        #expect(variables["LABEL_list"] == #"[1,{"x":"y"}]"#)
    }

    @Test("labels that are no object are no labels", arguments: [.null, 7, "text", [1]] as [JSON])
    func noLabels(labels: JSON) throws {
        let variables = try Self.variables(event("t", ["project": "p", "labels": labels]))
        #expect(!variables.keys.contains { $0.hasPrefix("LABEL_") })
    }

    @Test("Seed: VALUE_MESSAGE comes from the action's value")
    func values() throws {
        let message = "Please make sure nobody dripped on a cable!"
        let value: JSON = ["Message": .string(message), "count": 3, "nested": ["a": 1]]
        let data: JSON = ["project": "p", "action": ["action": "poweroutageaction", "value": value]]
        let variables = try Self.variables(event("sh.keptn.event.action.triggered", data, version: .v0_2))
        #expect(variables["ACTION"] == "poweroutageaction")
        #expect(variables["VALUE_MESSAGE"] == message)
        #expect(variables["VALUE_Message"] == message)
        #expect(variables["VALUE_COUNT"] == "3")
        #expect(variables["VALUE_NESTED"] == #"{"a":1}"#)
    }

    @Test("an action's value may be of any kind", arguments: [.null, "2", 2, [1, 2], true] as [JSON])
    func scalarValue(value: JSON) throws {
        let variables = try Self.variables(
            event("sh.keptn.event.action.triggered", ["project": "p", "action": ["action": "a", "value": value]])
        )
        #expect(!variables.keys.contains { $0.hasPrefix("VALUE_") })
    }

    @Test("0.8: the attributes of CloudEvents and Keptn")
    func attributes() throws {
        let extensions: JSONObject = [
            "shkeptncontext": "c", "shkeptnspecversion": "0.2.4", "triggeredid": "t", "gitcommitid": "abc", "path": "/evil",
        ]
        let variables = try Self.variables(event("sh.keptn.event.test.finished", extensions: extensions))
        let expected = [
            "ID": "incoming", "TYPE": "sh.keptn.event.test.finished", "SOURCE": "shipyard-controller", "SPECVERSION": "1.0",
            "TIME": eventTime,
            "DATACONTENTTYPE": "application/json", "SHKEPTNCONTEXT": "c", "SHKEPTNSPECVERSION": "0.2.4", "TRIGGEREDID": "t",
            "GITCOMMITID": "abc",
        ]
        for (name, value) in expected { #expect(variables[name] == value, "\(name)") }
        #expect(variables["PATH"] == nil)
    }

    @Test("a commit id of two quotes is none")
    func quotedCommit() throws {
        #expect(try Self.variables(event("t", extensions: ["gitcommitid": "\"\""]))["GITCOMMITID"] == nil)
    }
}
