import Glibc
import Testing

@testable import FastCGI

struct ParamNamesTests {
    private func index(_ name: String, _ names: ParamNames) -> Int? { names.index(of: Array(name.utf8)) }

    @Test func namesAreKnownByTheirPlace() {
        // Of one length, with the same last letter, and the same up to the last letter.
        let listed = ["REMOTE_USER", "SCRIPT_NAME", "SERVER_NAME", "A", "B", String(repeating: "X", count: 63)]
        let names = ParamNames(listed.map { Array($0.utf8) })
        for (place, name) in listed.enumerated() { #expect(index(name, names) == place) }
        #expect(index("CONTENT_LENGTH", names) == listed.count && names.contentLength == listed.count)
        #expect(names.count == listed.count + 1)
        for name in ["", "C", "REMOTE_USE", "REMOTE_USERS", "remote_user", "REMOTE_ADDR", "ZCRIPT_NAME"] {
            #expect(index(name, names) == nil)
        }
        #expect(index(String(repeating: "X", count: 64), names) == nil)
    }

    @Test func aNameThatIsListedTwiceHasItsFirstPlace() {
        let names = ParamNames(["A", "CONTENT_LENGTH", "B", "A"].map { Array($0.utf8) })
        #expect(index("A", names) == 0 && index("B", names) == 2)
        #expect(names.contentLength == 1 && names.count == 4)
    }

    @Test func theEnvironmentIsReadLikeAnyOtherSource() {
        let names = ParamNames(["USER", "EMPTY", "ABSENT"].map { Array($0.utf8) })
        let entries = ["USER=first", "=x", "NOTHING", "EMPTY=", "USER=a=b", "USERS=c", "CONTENT_LENGTH=3"]
        let strings = entries.map { strdup($0) } + [nil]
        defer { for string in strings { free(string) } }
        var pointers = strings
        let read = pointers.withUnsafeMutableBufferPointer { pointers in
            Params.withEntries(pointers.baseAddress, names) { params in
                (0..<3).map { params[$0]?.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
                    + [params.contentLength.bytes.map(String.init)]
            }
        }
        #expect(read == ["a=b", "", nil, "3"])
    }
}
