/// A server's version, as far as it is promised to work.
struct ServerVersion: Equatable {
    let major: Int
    let minor: Int

    /// Reads `7.0.15`; `nil` where it does not begin with two numbers.
    init?(_ text: String) {
        let parts = text.split(separator: ".")
        guard parts.count >= 2, let major = Int(parts[0]), let minor = Int(parts[1]) else { return nil }
        self.major = major
        self.minor = minor
    }

    /// Whether it is Redis 6.2 or newer.
    var isSupported: Bool { (major, minor) >= (6, 2) }
}
