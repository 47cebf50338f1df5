import Glibc

// A program around libFuzzer. `FUZZ_TARGET` says what is looked at, and `FUZZ_SEEDS` names the folder for what to begin
// with.
//
// Source: <https://llvm.org/docs/LibFuzzer.html>, "Using libFuzzer as a library".

private typealias Arguments = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<Int32>,
    _ arguments: UnsafeMutablePointer<Arguments?>,
    _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32

private let target: FuzzTarget = {
    guard let target = getenv("FUZZ_TARGET").flatMap({ FuzzTarget(rawValue: String(cString: $0)) }) else {
        fatalError("FUZZ_TARGET must be one of \(FuzzTarget.allCases.map(\.rawValue))")
    }
    return target
}()

/// Where the program begins: SwiftPM gives the `main` of a module this name.
@_cdecl("fuzz_main")
public func main(_ count: Int32, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> Int32 {
    if let folder = getenv("FUZZ_SEEDS").map({ String(cString: $0) }) {
        for (index, seed) in target.seeds.enumerated() {
            guard let file = fopen("\(folder)/seed-\(index)", "w") else { fatalError("\(folder) cannot be written to") }
            fwrite(seed, 1, seed.count, file)
            fclose(file)
        }
    }
    var count = count
    var arguments = arguments
    return runDriver(&count, &arguments) { data, size in
        if let wrong = target.run(Array(UnsafeBufferPointer(start: data, count: size))) { fatalError(wrong) }
        return 0
    }
}
