/// The scripts that decide inside Redis, where nothing can come between a look and a write.
public enum Scripts {
    /// Source of the script that saves.
    public static let save = PackageResources.newer_lua + PackageResources.document_lua + PackageResources.save_lua
    /// Source of the script that deletes under a precondition.
    public static let delete = PackageResources.document_lua + PackageResources.delete_lua
}
