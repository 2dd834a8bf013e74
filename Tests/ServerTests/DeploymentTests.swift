import Basics
import Executor
import Testing
import Yams

@testable import Server

/// deploy/service.yaml and the Dockerfile against what the original's README ("Seed") tells people to type and to expect.
@Suite struct DeploymentTests {
    private static let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
    private static let name = "generic-executor-service"

    private let documents: [Node]

    init() throws {
        let text = String(decoding: try Files.read(Self.root + "/deploy/service.yaml"), as: UTF8.self)
        documents = try Array(Yams.compose_all(yaml: text))
    }

    /// The one Deployment.
    private var deployment: Node {
        get throws {
            let deployments = documents.filter { $0["kind"]?.string == "Deployment" }
            return try #require(deployments.count == 1 ? deployments.first : nil)
        }
    }

    private func containers() throws -> [Node] {
        Array(try #require(deployment["spec"]?["template"]?["spec"]?["containers"]?.sequence))
    }

    @Test("Seed: kubectl apply -f and delete -f deploy/service.yaml: whole objects in the namespace keptn, which itself stays")
    func applyAndDelete() {
        for document in documents {
            let kind = document["kind"]?.string
            #expect(document["apiVersion"]?.string?.isEmpty == false && kind?.isEmpty == false)
            #expect(document["metadata"]?["name"]?.string == Self.name, "\(kind ?? "?")")
            #expect(document["metadata"]?["namespace"]?.string == "keptn", "\(kind ?? "?")")
            #expect(kind != "Namespace")
        }
    }

    @Test("Seed: kubectl -n keptn get deployment generic-executor-service -o wide")
    func getDeployment() throws {
        #expect(try deployment["metadata"]?["name"]?.string == Self.name)
        #expect(try deployment["metadata"]?["namespace"]?.string == "keptn")
    }

    @Test("Seed: kubectl -n keptn get pods -l run=generic-executor-service")
    func getPods() throws {
        #expect(try deployment["spec"]?["template"]?["metadata"]?["labels"]?["run"]?.string == Self.name)
        #expect(try deployment["spec"]?["selector"]?["matchLabels"]?["run"]?.string == Self.name)
    }

    @Test("Seed: kubectl -n keptn set image deployment/generic-executor-service generic-executor-service=...:$VERSION")
    func setImage() throws {
        let container = try containers().first { $0["name"]?.string == Self.name }
        #expect(container?["image"]?.string?.hasPrefix("your-username/generic-executor-service:") == true)
    }

    @Test("Seed: kubectl -n keptn logs deployment/generic-executor-service -f: without a name kubectl takes the first container")
    func logs() throws {
        #expect(try containers().first?["name"]?.string == Self.name)
    }

    @Test("Seed: a Keptn distributor beside the service hands it all events of Keptn")
    func distributor() throws {
        let distributor = try #require(containers().first { $0["name"]?.string == "distributor" })
        #expect(distributor["image"]?.string?.contains("keptn/distributor:") == true)
        let variables = try #require(distributor["env"]?.sequence)
        func value(_ name: String) -> String? { variables.first { $0["name"]?.string == name }?["value"]?.string }
        #expect(value("PUBSUB_TOPIC") == "sh.keptn.>")
        #expect(value("PUBSUB_RECIPIENT_PORT") == "8080")
    }

    @Test("Requests of .http files reach neither the pod itself nor the cloud's metadata")
    func destinations() throws {
        let variables = try #require(containers().first?["env"]?.sequence)
        let value = try #require(variables.first { $0["name"]?.string == "HTTP_DENY" }?["value"]?.string)
        #expect(Settings.httpDeny.parse(value) != nil)
        let entries = Set(value.split(separator: ",").map(String.init))
        #expect(entries.isSuperset(of: ["127.0.0.0/8", "::1", "169.254.0.0/16", "fe80::/10"]))
        #expect(entries.isSuperset(of: DestinationRules.metadataServices))
    }

    @Test("Scripts do not see the token of Keptn's API, nor what is called a secret")
    func deniedVariables() throws {
        let variables = try #require(containers().first?["env"]?.sequence)
        let value = try #require(variables.first { $0["name"]?.string == "SCRIPT_ENV_DENY" }?["value"]?.string)
        #expect(Set(try #require(Settings.scriptEnvironmentDeny.parse(value))).isSuperset(of: ["SECRET_*", "KEPTN_API_TOKEN"]))
    }

    @Test("Seed: the image has bash, python3 and its module requests", arguments: ["bash", "python3", "python3-requests"])
    func image(package: String) throws {
        let stages = String(decoding: try Files.read(Self.root + "/Dockerfile"), as: UTF8.self).split(separator: "\nFROM ")
        let words = try #require(stages.last).split { $0.isWhitespace }
        #expect(words.contains(Substring(package)))
    }
}
