import Basics
import Curl
import Executor

extension ServiceConfiguration {
    /// Where requests of `.http` files may go, and how they get there.
    ///
    /// - Parameter adminPort: 0 if the system is to choose; then it is added once it did.
    static func requests(_ sources: SettingsReader, adminPort: Int) throws(ConfigurationError) -> HTTPSettings {
        let caFile = try sources.optional(Settings.httpCAFile)
        if let caFile, !Files.isReadable(caFile) {
            throw ConfigurationError("\(Settings.httpCAFile.name) names \(caFile), which cannot be read")
        }
        let certificateFile = try sources.optional(Settings.httpClientCertificateFile)
        let keyFile = try sources.optional(Settings.httpClientKeyFile)
        if keyFile != nil, certificateFile == nil {
            throw ConfigurationError("HTTP_CLIENT_KEY_FILE is set without HTTP_CLIENT_CERTIFICATE_FILE; set both")
        }
        return HTTPSettings(
            rules: DestinationRules(
                allow: try sources.required(Settings.httpAllow),
                deny: try sources.required(Settings.httpDeny)
            ),
            ownPorts: OwnPorts(adminPort == 0 ? [] : [adminPort]),
            caFile: caFile,
            clientCertificate: certificateFile.map { HTTPRequest.ClientCertificate(file: $0, keyFile: keyFile) },
            proxy: try sources.optional(Settings.httpProxy)?.proxy ?? .system
        )
    }
}
