import Bytes

/// Whose spans they are: what stands in front of each batch.
public struct SpanSource: Equatable, Sendable {
    let opening: [UInt8]

    /// A source.
    /// - Parameters:
    ///   - resource: what the process is called, and what else tells it from others.
    ///   - scope: what makes the spans, and its version.
    ///   - schema: by which version of the semantic conventions attributes are named.
    public init(resource: KeyValueList, scope: (name: String, version: String), schema: String) {
        var text: [UInt8] = []
        text.append(#"{"resourceSpans":[{"resource":{"attributes":["#)
        for (index, pair) in resource.pairs.enumerated() {
            text.append(index == 0 ? #"{"key":"# : #",{"key":"#)
            text.append(quoted: pair.name)
            text.append(#","value":{"stringValue":"#)
            text.append(quoted: pair.value)
            text.append("}}")
        }
        text.append(#"]},"schemaUrl":"#)
        text.append(quoted: schema)
        text.append(#","scopeSpans":[{"schemaUrl":"#)
        text.append(quoted: schema)
        text.append(#","scope":{"name":"#)
        text.append(quoted: scope.name)
        text.append(#","version":"#)
        text.append(quoted: scope.version)
        text.append(#"},"spans":["#)
        opening = text
    }
}
