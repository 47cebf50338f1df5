import CanonicalJSON
import DashboardState

/// Every problem that this service reports, in the order of their status.
extension Problem {
    static func malformedPrecondition(_ field: StaticString) -> Problem {
        Problem(
            kind: .malformedPrecondition,
            title: "Malformed precondition",
            detail: "\(field) must be * or a list of entity tags in double quotes, as an ETag field gave them.",
            members: [.text("field", "\(field)")]
        )
    }

    static func invalidBody(_ error: BodyError) -> Problem {
        var members: [Member] = []
        if let field = error.field { members.append(.text("field", field)) }
        if let offset = error.offset { members.append(.number("offset", offset)) }
        return Problem(
            kind: .invalidBody,
            title: "Invalid body",
            detail: error.detail,
            members: members
        )
    }

    static func unexpectedLength(announced: Int, received: Int) -> Problem {
        Problem(
            kind: .incompleteBody,
            title: "Incomplete body",
            detail: "The body has another length than Content-Length announced.",
            members: [.number("announced", announced), .number("actual", received)]
        )
    }

    static let malformedLength = Problem(
        kind: .incompleteBody,
        title: "Incomplete body",
        detail: "Content-Length is not a number, so that nothing tells whether all of the body is here."
    )

    static let unusableFields = Problem(
        kind: .unusableFields,
        title: "Bad Request",
        detail: "The address or a field of the request holds a NUL."
    )

    static func noUser(_ detail: String) -> Problem {
        Problem(
            kind: .noUser,
            title: "Not signed in",
            detail: detail,
            // RFC 9110 wants a challenge; this one names no scheme that a browser would open a dialog for.
            fields: [("WWW-Authenticate", "Forwarded-Identity")]
        )
    }

    static func noWorkspace(_ detail: String) -> Problem {
        Problem(kind: .noWorkspace, title: "No workspace", detail: detail)
    }

    /// Signing in again does not help, so that it is no 401.
    static func unusableIdentity(_ part: StaticString) -> Problem {
        Problem(
            kind: .unusableIdentity,
            title: "Unusable identity",
            detail: "The forwarded \(part) id is not 1 to 256 bytes of UTF-8 without control characters.",
            members: [.text("field", "\(part)")]
        )
    }

    static let otherUser = Problem(
        kind: .otherUser,
        title: "Another user",
        detail: "Another user is signed in than the one that X-Dashboard-User names."
    )

    static let otherWorkspace = Problem(
        kind: .otherWorkspace,
        title: "Another workspace",
        detail: "The web server forwards another workspace than the one that X-Dashboard-Workspace names."
    )

    static let wrongProxySecret = Problem(
        kind: .wrongProxySecret,
        title: "Not from the web server",
        detail: "The request does not carry the secret by which the web server proves itself."
    )

    static let unknownPath = Problem(
        kind: .unknownPath,
        title: "Not Found",
        detail: "There is nothing at this path. Check the web server's configuration and the base path."
    )

    static let nothingStored = Problem(
        kind: .nothingStored,
        title: "Nothing stored",
        detail: "No state is stored for this user and workspace."
    )

    static func methodNotAllowed(_ allowed: StaticString, _ detail: String) -> Problem {
        Problem(
            kind: .methodNotAllowed,
            title: "Method Not Allowed",
            detail: detail,
            fields: [("Allow", allowed)]
        )
    }

    static let preconditionFailed = Problem(
        kind: .preconditionFailed,
        title: "Precondition failed",
        detail: "The stored state is not the one that the request's If-Match or If-None-Match asks for."
    )

    static func tooLarge(limit: Int, actual: Int) -> Problem {
        Problem(
            kind: .bodyTooLarge,
            title: "Body too large",
            detail: "The body has \(actual) bytes, and at most \(limit) are accepted.",
            members: [.number("limit", limit), .number("actual", actual)]
        )
    }

    static let notJSON = Problem(
        kind: .notJSON,
        title: "Not JSON",
        detail: "The body must be sent with Content-Type: application/json.",
        fields: [("Accept", "application/json")]
    )

    static let encodedBody = Problem(
        kind: .encodedBody,
        title: "Encoded body",
        detail: "The body must be sent without Content-Encoding.",
        fields: [("Accept-Encoding", "identity")]
    )

    static func checksumMismatch(actual: String) -> Problem {
        Problem(
            kind: .checksumMismatch,
            title: "Checksum does not match",
            detail: "checksum is not the lowercase hex SHA-256 of the RFC 8785 form of state.",
            members: [.text("field", "checksum"), .text("actual", actual)]
        )
    }

    static func noCanonicalForm(_ error: CanonicalError) -> Problem {
        Problem(
            kind: .noCanonicalForm,
            title: "No canonical form",
            detail: "checksum cannot be verified, since state has no RFC 8785 form: \(error).",
            members: [.text("field", "checksum")]
        )
    }

    static let preconditionRequired = Problem(
        kind: .preconditionRequired,
        title: "Precondition required",
        detail: "Send If-Match with the ETag that the state was read with, or If-None-Match: * for a first save."
    )

    static let tooManyFields = Problem(
        kind: .tooManyFields,
        title: "Too many fields",
        detail: "The request's fields, with what the web server adds, have more than 65535 bytes."
    )

    static let unavailable = Problem(
        kind: .storageUnavailable,
        title: "Storage unavailable",
        detail: "The state can be neither read nor saved at the moment. The request was not carried out; try again.",
        fields: [("Retry-After", "1")]
    )

    static let outcomeUnknown = Problem(
        kind: .outcomeUnknown,
        title: "Outcome unknown",
        detail: """
            The request reached the storage, and no answer came: it may have been carried out. Read the state to find \
            out, or repeat the request under its own If-Match.
            """,
        fields: [("Retry-After", "1")]
    )

    static let outOfMemory = Problem(
        kind: .storageFull,
        title: "Storage full",
        detail: "The state was not saved, because the storage has no memory left.",
        fields: [("Retry-After", "30")]
    )
}
