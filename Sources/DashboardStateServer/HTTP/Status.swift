/// The status codes that this service answers with (RFC 9110, section 15; RFC 6585 for 428 and 431), and one for
/// requests that are not answered.
enum Status: Int {
    case ok = 200
    case noContent = 204
    case notModified = 304
    case badRequest = 400
    case unauthorized = 401
    case forbidden = 403
    case notFound = 404
    case methodNotAllowed = 405
    case preconditionFailed = 412
    case contentTooLarge = 413
    case unsupportedMediaType = 415
    case unprocessableContent = 422
    case preconditionRequired = 428
    case requestHeaderFieldsTooLarge = 431
    /// Nobody was answered: the client had gone. nginx calls it so in its log.
    case clientClosedRequest = 499
    case serviceUnavailable = 503
    case insufficientStorage = 507

    var reason: StaticString {
        switch self {
        case .ok: "OK"
        case .noContent: "No Content"
        case .notModified: "Not Modified"
        case .badRequest: "Bad Request"
        case .unauthorized: "Unauthorized"
        case .forbidden: "Forbidden"
        case .notFound: "Not Found"
        case .methodNotAllowed: "Method Not Allowed"
        case .preconditionFailed: "Precondition Failed"
        case .contentTooLarge: "Content Too Large"
        case .unsupportedMediaType: "Unsupported Media Type"
        case .unprocessableContent: "Unprocessable Content"
        case .preconditionRequired: "Precondition Required"
        case .requestHeaderFieldsTooLarge: "Request Header Fields Too Large"
        case .clientClosedRequest: "Client Closed Request"
        case .serviceUnavailable: "Service Unavailable"
        case .insufficientStorage: "Insufficient Storage"
        }
    }
}
