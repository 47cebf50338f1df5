import Foundation
import SwiftSupport
import Testing

@testable import RESP

struct FileStampTests {
    @Test func aFileIsToldFromWhatWasThereBefore() throws {
        let folder = try TemporaryFolder()
        let (path, other) = (folder.file("a"), folder.file("b"))
        let none = FileStamp(path)
        #expect(none == FileStamp(path))
        try Data("one".utf8).write(to: URL(filePath: path))
        let first = FileStamp(path)
        #expect(first == FileStamp(path) && first != none)
        // As long, and put in its place at once, as secrets are replaced.
        try Data("two".utf8).write(to: URL(filePath: other))
        rename(other, path)
        #expect(FileStamp(path) != first)
    }
}
