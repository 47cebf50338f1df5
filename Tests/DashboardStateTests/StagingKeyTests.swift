import Testing

@testable import DashboardState

struct StagingKeyTests {
    private func key(prefix: String) -> String? {
        var random = SystemRandomNumberGenerator()
        var key: [UInt8] = []
        let stateKey = Array("\(prefix)alice:main".utf8)
        guard StagingKey.append(stateKey, prefix: Array(prefix.utf8), tag: EntityTag(using: &random), to: &key) else {
            #expect(key.isEmpty)
            return nil
        }
        return String(decoding: key.dropLast(EntityTag.length), as: UTF8.self)
    }

    @Test func theStatesKeyIsTheHashTag() {
        #expect(
            key(prefix: StateKey.defaultPrefix) == "hyvve:dashboard:state:staging:{hyvve:dashboard:state:alice:main}:"
        )
        #expect(key(prefix: "") == "staging:{alice:main}:")
    }

    @Test func aHashTagOfThePrefixStaysTheOne() {
        #expect(key(prefix: "{app}:") == "{app}:alice:main:staging:")
        #expect(key(prefix: "x{a}b{c}:") == "x{a}b{c}:alice:main:staging:")
    }

    @Test(arguments: ["{}:", "{:", "a}:", "}{a:"])
    func bracesThatAreNoHashTagAllowNone(prefix: String) { #expect(key(prefix: prefix) == nil) }
}
