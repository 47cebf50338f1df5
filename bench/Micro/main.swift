import Glibc

/// `micro-benchmarks FOLDER` measures all; `micro-benchmarks FOLDER NUMBER COUNT` runs one so many times, for valgrind.
///
/// Prints lines of name, bytes and nanoseconds, between tabs.
func main(_ arguments: [String]) throws {
    guard arguments.count == 2 || arguments.count == 4 else {
        print("usage: micro-benchmarks FOLDER [NUMBER COUNT]")
        exit(64)
    }
    let all = try benchmarks(folder: arguments[1])
    if arguments.count == 4, let number = Int(arguments[2]), all.indices.contains(number),
        let count = Int(arguments[3])
    {
        try all[number].repeated(count)
        return
    }
    for benchmark in all { print(benchmark.name, benchmark.bytes, try benchmark.nanoseconds(), separator: "\t") }
}

try main(CommandLine.arguments)
