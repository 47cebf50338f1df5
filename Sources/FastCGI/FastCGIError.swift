import Glibc

/// Why a FastCGI server cannot be started, in words for whoever starts it.
public enum FastCGIError: Error, Equatable, CustomStringConvertible {
    /// Not `unix:/path` or `tcp:host:port`.
    case invalidAddress(String)
    /// A path that does not fit a Unix socket's address.
    case pathTooLong(String, limit: Int)
    /// Something that is no socket lies at the path; it is left alone.
    case notASocket(String)
    /// Another process is listening there.
    case inUse(String)
    /// Somebody holds the lock of the folder in which the socket is to be.
    case folderIsLocked(String)
    /// No socket can be made in the folder in which it is to be: it is not there, or is none, or not this user's to write.
    case folderIsUnusable(String, errno: Int32)
    /// The folder in which the socket is to be may not be read, and so cannot be locked.
    case folderIsUnreadable(String)
    /// No address for the host, and the resolver's words.
    case unknownHost(String, reason: String)
    /// A variable of a supervisor that hands sockets over makes no sense.
    case invalidHandOver(variable: String, value: String)
    /// A descriptor that was handed over is no stream socket that listens.
    case notListening(Int32)
    /// The group of ``SocketAccess`` does not exist.
    case unknownGroup(String)
    /// A system call failed.
    case system(call: String, about: String, errno: Int32)
    /// libfcgi could not be initialised.
    case initialisation(code: Int32)

    static func last(_ call: String, _ about: String) -> FastCGIError {
        .system(call: call, about: about, errno: errno)
    }

    /// One sentence: what is wrong, and what to do where that is not plain.
    public var description: String {
        switch self {
        case .invalidAddress(let text):
            "cannot listen on '\(text)': expected unix:/absolute/path or tcp:host:port"
        case .pathTooLong(let path, let limit):
            "cannot listen on '\(path)': the path of a Unix socket has at most \(limit) bytes"
        case .notASocket(let path):
            "cannot listen on '\(path)': something else than a socket is there; move it away or choose another path"
        case .inUse(let address):
            "cannot listen on '\(address)': another process is listening there"
        case .folderIsLocked(let folder):
            "cannot listen in '\(folder)': another process has locked this folder for a while, as a worker does that starts"
        case .folderIsUnusable(let folder, ENOENT):
            "cannot listen in '\(folder)': there is no such folder; make it, for the user who runs this, or choose another one"
        case .folderIsUnusable(let folder, let errno):
            """
            cannot listen in '\(folder)': this user cannot make a socket there (\(String(cString: strerror(errno)))); let them \
            write the folder, or choose another one
            """
        case .folderIsUnreadable(let folder):
            """
            cannot listen in '\(folder)': this user may not read the folder, as is needed to lock it against other workers \
            that start
            """
        case .unknownHost(let host, let reason):
            "cannot listen on '\(host)': there is no address for this host (\(reason))"
        case .invalidHandOver(let variable, let value):
            "\(variable) is '\(value)', which is no number of sockets that could have been handed over"
        case .notListening(let descriptor):
            """
            LISTEN_FDS says that descriptor \(descriptor) is a stream socket that listens, and it is not: has the \
            supervisor's unit Accept=yes, or ListenSequentialPacket=, or was the variable left over?
            """
        case .unknownGroup(let name):
            "the socket cannot be given to group '\(name)': there is no such group"
        case .system(let call, let about, let errno):
            "\(about): \(call) failed: \(String(cString: strerror(errno)))"
        case .initialisation(let code):
            "libfcgi cannot be initialised (code \(code))"
        }
    }
}
