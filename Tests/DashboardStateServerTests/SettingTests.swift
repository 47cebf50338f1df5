import Foundation
import Logging
import Testing

@testable import DashboardStateServer
@testable import setting_texts

struct SettingTests {
    private static let top = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../..")

    private func configuration(_ setting: Setting, _ value: String) throws -> Configuration {
        // Without a collector the settings of traces are not looked at.
        let collector = [Setting.tracesEndpoint.variable: "http://127.0.0.1:4318"]
        return try Configuration(environment: Environment { $0 == setting.variable ? value : collector[$0] })
    }

    @Test(arguments: TextFile.all(Setting.all).map(\.path))
    func theTextsAreThoseOfTheTable(path: String) throws {
        let file = try #require(TextFile.all(Setting.all).first { $0.path == path })
        let text = try String(contentsOf: Self.top.appendingPathComponent(path), encoding: .utf8)
        #expect(try file.updated(text) == text, "`make settings` brings it up to date")
    }

    @Test func aFileWithoutAPlaceForAPartIsAnError() throws {
        let file = try #require(TextFile.all(Setting.all).first)
        #expect(throws: MissingPart.self) { try file.updated(".Dd today\n.\\\" settings: options\n") }
    }

    @Test func eachIsThereOnceWithADefaultThatItTakes() {
        #expect(Set(Setting.all.map(\.variable)).count == Setting.all.count)
        let options = Setting.all.compactMap(\.option)
        #expect(Set(options).count == options.count && options.count == 13)
        for setting in Setting.all {
            #expect(setting.valueName.isEmpty == (setting.option == nil), "\(setting.variable)")
            #expect(!setting.summary.hasSuffix(".") && (setting.details.isEmpty || setting.details.hasSuffix(".")))
            for text in [setting.summary, setting.details] {
                #expect(Prose.parts(of: text).count % 2 == 1, "unpaired backtick: \(text)")
            }
            if case .value(let value) = setting.standard {
                #expect(setting.values.include(value), "\(setting.variable)")
            }
        }
    }

    @Test func wordsAreWhatTheCodeKnows() throws {
        for (setting, words) in [
            (Setting.logLevel, Logger.Level.allCases.map(\.rawValue)), (.logFormat, LogFormat.allCases.map(\.rawValue)),
        ] {
            guard case .words(let listed) = setting.values else {
                Issue.record("\(setting.variable)")
                continue
            }
            #expect(listed == words)
        }
        #expect(
            try configuration(.renewal, "read").store.renewsOnRead
                && !configuration(.renewal, "save").store.renewsOnRead
        )
        #expect(try configuration(.precondition, "on").requiresPrecondition)
        #expect(try !configuration(.precondition, "off").requiresPrecondition)
    }

    @Test(arguments: Setting.all)
    func rangesAndWordsAreChecked(setting: Setting) throws {
        let wrong: [String]
        switch setting.values {
        case .number(_, let range):
            for value in [range.lowerBound, range.upperBound] {
                #expect(try configuration(setting, "\(value)").warnings.isEmpty)
            }
            wrong = ["\(range.lowerBound - 1)", "\(range.upperBound + 1)", "1e3", " 20", "0x20"]
        case .words(let words):
            for word in words { #expect(try configuration(setting, word).warnings.isEmpty) }
            wrong = [words[0].uppercased(), words[0] + " ", "x"]
        case .text, .secretFile:
            return
        }
        for value in wrong {
            let error = ConfigurationError.invalid(setting: setting.name, value: value, expected: setting.expected)
            // A service with a wrong time to live is better than none.
            if setting.variable == "REDIS_STATE_TTL" {
                let warnings = try configuration(setting, value).warnings
                #expect(warnings == ["\(error); 2592000 (30 days) is used instead"])
            } else {
                #expect(throws: error) { try configuration(setting, value) }
            }
        }
    }

    @Test func theSentenceHasTheRangeOrTheWords() {
        #expect(
            Setting.redisTimeout.help
                == """
                Milliseconds that Redis has for a connect or an answer, 10 to 60000. [REDIS_TIMEOUT] (default: 2000)
                """
        )
        #expect(Setting.logFormat.sentence == "The form of the log: `text` or `json`.")
    }
}
