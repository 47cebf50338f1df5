import SwiftSupport

@testable import RESP

/// A reply of these bytes, for the time of a call.
func withReply<Result>(_ text: String, _ body: (Reply) throws -> Result) throws -> Result {
    try Array(text.utf8).withSpan { bytes in
        guard case .complete(let reply, _) = try ReplyParser.parse(bytes) else {
            throw RESPError.protocolError("half a reply")
        }
        return try body(reply)
    }
}
