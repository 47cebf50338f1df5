import DashboardState
import Testing

/// What the scripts read as their arguments.
struct ScriptArgumentsTests {
    private final class Writer: ArgumentWriter {
        var arguments: [String] = []
        func argument(_ bytes: [UInt8]) { arguments.append(String(decoding: bytes, as: UTF8.self)) }
        func argument(_ text: StaticString) { arguments.append("\(text)") }
        func argument(decimal number: Int) { arguments.append("\(number)") }
    }

    private func saved(hasClientTime: Bool, _ conditions: Conditions) -> [String] {
        let arguments = SaveArguments(
            version: 7,
            secondsToLive: 60,
            hasClientTime: hasClientTime,
            conditions: conditions
        )
        let writer = Writer()
        arguments.write(to: writer)
        #expect(writer.arguments.count == arguments.count)
        return writer.arguments
    }

    @Test func aSaveWithoutConditionsHasTwo() {
        #expect(saved(hasClientTime: false, Conditions()) == ["7", "60"])
    }

    @Test func orItHasAllOfThem() {
        let tags = Precondition.tags(Array(",a,".utf8))
        #expect(saved(hasClientTime: true, Conditions()) == ["7", "60", "m", "", ""])
        #expect(saved(hasClientTime: false, Conditions(wantsCurrent: true)) == ["7", "60", "c", "", ""])
        #expect(saved(hasClientTime: true, Conditions(wantsCurrent: true)) == ["7", "60", "mc", "", ""])
        #expect(saved(hasClientTime: false, Conditions(ifMatch: tags)) == ["7", "60", "", ",a,", ""])
        #expect(saved(hasClientTime: false, Conditions(ifNoneMatch: .any)) == ["7", "60", "", "", "*"])
    }

    @Test func aDeleteHasThree() {
        let arguments = DeleteArguments(Conditions(ifMatch: .any, wantsCurrent: true))
        let writer = Writer()
        arguments.write(to: writer)
        #expect(writer.arguments == ["c", "*", ""] && arguments.count == 3)
    }
}
