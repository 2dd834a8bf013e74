public import CloudEvents

/// Events as Keptn sends them.
public enum KeptnEvent {
    /// An event of Keptn up to 0.7.
    public static func v07(
        _ type: String,
        id: String = "6187a43a-7112-4cd8-a4d1-1dcc3b5d11c1",
        context: String = "2d363636-3537-4030-b031-343135323139",
        source: String = "remediation-service",
        data: JSONObject = [:]
    ) -> JSON {
        [
            "contenttype": "application/json", "data": .object(scoped(data)), "id": .string(id), "source": .string(source),
            "specversion": "0.2", "time": "2020-11-25T21:04:01.832Z", "type": .string(type), "shkeptncontext": .string(context),
        ]
    }

    /// An event of Keptn from 0.8 on.
    public static func v08(
        _ type: String,
        id: String = "f2b878d3-03c0-4e8f-bc3f-454bc1b3d79d",
        context: String = "08735340-6f9e-4b32-97ff-3b6c292bc509",
        data: JSONObject = [:]
    ) -> JSON {
        [
            "data": .object(scoped(data)), "datacontenttype": "application/json", "id": .string(id),
            "shkeptncontext": .string(context), "shkeptnspecversion": "0.2.1", "source": "shipyard-controller",
            "specversion": "1.0", "time": "2021-05-25T12:38:22.571Z", "type": .string(type),
        ]
    }

    private static func scoped(_ data: JSONObject) -> JSONObject {
        var scoped: JSONObject = ["project": "sockshop", "stage": "dev", "service": "carts"]
        for (key, value) in data { scoped[key] = value }
        return scoped
    }
}
