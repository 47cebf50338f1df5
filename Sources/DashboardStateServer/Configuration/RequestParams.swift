/// The parameters that say what a request is, and not who it is for. Clients write most of them, so that none can carry
/// an identity, not even behind a web server that proves itself.
enum RequestParams {
    /// Whether it is one of them.
    static func contain(_ name: String) -> Bool {
        let name = beforeRedirects(name)
        guard name.hasPrefix("HTTP_") else { return variables.contains(String(name)) }
        return fields.contains(String(name.dropFirst("HTTP_".count)))
    }

    /// Whether it is a field of a request, which clients can send where the web server does not keep them from it.
    static func isField(_ name: String) -> Bool { beforeRedirects(name).hasPrefix("HTTP_") }

    /// What a parameter was called at first: Apache repeats them all under other names when it redirects within.
    private static func beforeRedirects(_ name: String) -> Substring {
        var name = name[...]
        while name.hasPrefix("REDIRECT_") { name = name.dropFirst("REDIRECT_".count) }
        return name
    }

    /// Meta-variables of RFC 3875, section 4.1, but for `REMOTE_USER`, and what nginx, Apache and lighttpd add to them.
    private static let variables: Set<String> = [
        "ARGS", "AUTH_TYPE", "CONTENT_LENGTH", "CONTENT_TYPE", "CONTEXT_DOCUMENT_ROOT", "CONTEXT_PREFIX",
        "DOCUMENT_PATH_INFO", "DOCUMENT_ROOT", "DOCUMENT_URI", "GATEWAY_INTERFACE", "HTTPS", "ORIG_PATH_INFO",
        "ORIG_PATH_TRANSLATED", "ORIG_SCRIPT_FILENAME", "ORIG_SCRIPT_NAME", "PATH", "PATH_INFO", "PATH_TRANSLATED",
        "PHP_SELF", "PROXY_SECRET", "QUERY_STRING", "REMOTE_ADDR", "REMOTE_HOST", "REMOTE_IDENT", "REMOTE_PORT",
        "REQUEST_FILENAME", "REQUEST_ID", "REQUEST_METHOD", "REQUEST_SCHEME", "REQUEST_TIME", "REQUEST_URI", "SCHEME",
        "SCRIPT_FILENAME", "SCRIPT_NAME", "SCRIPT_URI", "SCRIPT_URL", "SERVER_ADDR", "SERVER_ADMIN", "SERVER_NAME",
        "SERVER_PORT", "SERVER_PROTOCOL", "SERVER_SIGNATURE", "SERVER_SOFTWARE", "STATUS", "UNIQUE_ID", "URL",
    ]

    /// Fields that browsers send, or that this service reads for something else.
    private static let fields: Set<String> = [
        "ACCEPT", "ACCEPT_CHARSET", "ACCEPT_ENCODING", "ACCEPT_LANGUAGE", "AUTHORIZATION", "CACHE_CONTROL",
        "CONNECTION", "CONTENT_ENCODING", "CONTENT_LENGTH", "CONTENT_TYPE", "COOKIE", "DATE", "DNT", "EXPECT", "HOST",
        "IF_MATCH", "IF_MODIFIED_SINCE", "IF_NONE_MATCH", "IF_RANGE", "IF_UNMODIFIED_SINCE", "KEEP_ALIVE", "ORIGIN",
        "PRAGMA", "PREFER", "PRIORITY", "PROXY", "PROXY_AUTHORIZATION", "RANGE", "REFERER", "SEC_FETCH_DEST",
        "SEC_FETCH_MODE", "SEC_FETCH_SITE", "SEC_FETCH_USER", "TE", "TRACEPARENT", "TRACESTATE", "TRAILER",
        "TRANSFER_ENCODING", "UPGRADE", "USER_AGENT", "VIA", "X_DASHBOARD_USER", "X_DASHBOARD_WORKSPACE",
        "X_REQUESTED_WITH",
    ]
}
