/// The release that this is.
public enum Version {
    /// As in the CHANGELOG.
    public static let text = "0.2.0"
}
