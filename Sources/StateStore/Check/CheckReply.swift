import RESP

/// A reply that can be kept, as checks want it.
enum CheckReply: Equatable {
    case text(String)
    case number(Int)
    case list([CheckReply])
    case nothing
    /// Redis refused the command.
    case refused(ServerError)
    /// There was no answer.
    case failed(RESPError)

    init(_ reply: Reply) {
        if reply.kind.isError {
            self = .refused(ServerError(reply))
            return
        }
        switch reply.kind {
        case .integer: self = .number(reply.integer ?? 0)
        case .null: self = .nothing
        case .array, .map, .set, .push:
            var list: [CheckReply] = []
            var elements = reply.elements
            while let element = elements.next() { list.append(CheckReply(element)) }
            self = .list(list)
        default:
            let text = reply.bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
            // "txt:" stands in front of what RESP3 calls verbatim.
            self = .text(reply.kind == .verbatimString ? String(text.dropFirst(4)) : text)
        }
    }

    var text: String? { if case .text(let text) = self { text } else { nil } }
    var number: Int? { if case .number(let number) = self { number } else { nil } }
    var list: [CheckReply] { if case .list(let list) = self { list } else { [] } }
    var error: ServerError? { if case .refused(let error) = self { error } else { nil } }
    var failure: RESPError? { if case .failed(let error) = self { error } else { nil } }

    /// The value behind a name, in a map or in an array of names and values.
    subscript(name: String) -> CheckReply? {
        let list = list
        return stride(from: 0, to: list.count - 1, by: 2).first { list[$0].text == name }.map { list[$0 + 1] }
    }
}
