import Glibc

/// The folder that a Unix socket is to be in.
struct SocketFolder {
    let path: String

    /// - Parameter socket: an absolute path.
    init(of socket: String) {
        let folder = socket[..<(socket.lastIndex(of: "/") ?? socket.startIndex)]
        path = folder.isEmpty ? "/" : String(folder)
    }

    /// Looks whether this user can lock the folder, and make and remove sockets in it. Nothing is made or removed.
    func check() throws(FastCGIError) {
        // The last slash has something else than a folder refused.
        let place = path + "/"
        if access(place, R_OK) != 0, errno == EACCES { throw .folderIsUnreadable(path) }
        guard access(place, W_OK | X_OK) == 0 else {
            throw error(errno) ?? .system(call: "access", about: path, errno: errno)
        }
    }

    /// What it means for the folder that a socket could not be made in it; `nil` where that has another reason.
    func error(_ code: Int32) -> FastCGIError? {
        [ENOENT, ENOTDIR, EACCES, EPERM, EROFS].contains(code) ? .folderIsUnusable(path, errno: code) : nil
    }
}
