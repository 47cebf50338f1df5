import CFastCGI
import Glibc

/// libfcgi as a whole process sees it.
enum LibFCGI {
    private static let status: Int32 = {
        // FCGX_Init takes these over even where they were ignored or handled; the process decides about its signals.
        let taken = [SIGPIPE, SIGUSR1, SIGTERM]
        let before = taken.map { signal in
            var action = sigaction()
            sigaction(signal, nil, &action)
            return action
        }
        let status = FCGX_Init()
        for (signal, action) in zip(taken, before) {
            var action = action
            sigaction(signal, &action, nil)
        }
        return status
    }()

    /// Initialises libfcgi once, before any thread uses it: it has no locks.
    static func initialise() throws(FastCGIError) {
        guard status == 0 else { throw .initialisation(code: status) }
    }
}
