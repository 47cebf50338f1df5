import Foundation

/// Starts programs from one thread that never ends. They are told to die with their parent, and to Linux a parent is
/// the thread that started them, not its process.
enum Spawner {
    private final class Job: @unchecked Sendable {
        // Safe: the semaphore orders writing before reading.
        let arguments: [String]
        let environment: [String]
        let log: String
        let done = DispatchSemaphore(value: 0)
        var pid: pid_t = -1

        init(_ arguments: [String], _ environment: [String], _ log: String) {
            self.arguments = arguments
            self.environment = environment
            self.log = log
        }
    }

    private final class Queue: @unchecked Sendable {
        // Safe: the lock guards the list.
        private let lock = NSCondition()
        private var jobs: [Job] = []

        func put(_ job: Job) {
            lock.withLock { jobs.append(job) }
            lock.signal()
        }

        func take() -> Job {
            lock.lock()
            defer { lock.unlock() }
            while jobs.isEmpty { lock.wait() }
            return jobs.removeFirst()
        }
    }

    private static let queue: Queue = {
        let queue = Queue()
        Foundation.Thread.detachNewThread {
            while true {
                let job = queue.take()
                job.pid = spawn(job)
                job.done.signal()
            }
        }
        return queue
    }()

    /// Starts a program found on the PATH, with its output in a file; -1 if that fails.
    static func start(_ command: [String], environment: [String: String], log: String) -> pid_t {
        let all = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        let job = Job(["setpriv", "--pdeathsig", "TERM"] + command, all.map { "\($0)=\($1)" }, log)
        queue.put(job)
        job.done.wait()
        return job.pid
    }

    private static func spawn(_ job: Job) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, job.log, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var arguments = job.arguments.map { strdup($0) } + [nil]
        var environment = job.environment.map { strdup($0) } + [nil]
        defer { (arguments + environment).forEach { free($0) } }
        var pid = pid_t()
        let status = posix_spawnp(&pid, job.arguments[0], &actions, &attributes, &arguments, &environment)
        return status == 0 ? pid : -1
    }
}
