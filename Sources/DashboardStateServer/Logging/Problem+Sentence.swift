/// What operators are told where requests are refused for a reason that they can do something about.
extension Problem.Kind {
    /// A sentence; `nil` where the problem is part of how the service is used, or what is wrong is told by whoever has found
    /// it, as with Redis.
    var sentence: String? {
        switch self {
        case .noUser:
            "requests come without a user: see the web server's sign-in, and whether it forwards whom it knows"
        case .noWorkspace:
            "requests come without a workspace: see where the web server takes it from"
        case .unusableIdentity:
            "the web server forwards ids that are not 1 to 256 bytes of UTF-8 without control characters"
        case .wrongProxySecret:
            "requests do not carry the proxy secret: the web server sends none or another one, or somebody else is asking"
        case .unknownPath:
            "requests come for a path that is not served: compare the web server's configuration with --base-path"
        case .tooManyFields:
            "requests are refused, since their fields have more than 65535 bytes"
        case .unusableFields:
            "requests are refused, since their fields hold a NUL"
        case .malformedPrecondition:
            "requests are refused, since they state a precondition that is none: see the front end"
        case .preconditionRequired:
            "saves are refused, since they state no precondition, which REQUIRE_PRECONDITION asks for: see the front end"
        case .invalidBody:
            "saves are refused, since their body is not as documented: see the front end"
        case .incompleteBody:
            "saves are refused, since their body has another length than was announced: see the web server"
        case .bodyTooLarge:
            "saves are refused, since their body is longer than --max-body allows"
        case .notJSON:
            "saves are refused, since their body is not said to be application/json: see the front end"
        case .encodedBody:
            "saves are refused, since their body is compressed: see the front end"
        case .checksumMismatch:
            "saves are refused, since their checksum is not their state's: see the front end"
        case .noCanonicalForm:
            "saves are refused, since their state has no canonical form to check the checksum by: see the front end"
        case .nothingStored, .preconditionFailed, .otherUser, .otherWorkspace, .methodNotAllowed: nil
        case .storageUnavailable, .outcomeUnknown, .storageFull: nil
        }
    }

    /// One word: the last part of `type`, or else the status in words.
    var label: String {
        if let name { return "\(name)" }
        return "\(status.reason)".lowercased().replacing(" ", with: "-")
    }
}

extension Problem {
    /// The part of the request that it is about, where it says so.
    var field: String? {
        for case .text(let name, let value) in members where "\(name)" == "field" { return value }
        return nil
    }
}
