@testable import CanonicalJSON
@testable import DashboardState

/// A body is judged the same whether its state's canonical form is made by the way or not, and that form is its own.
enum BodyTarget {
    static func run(_ bytes: [UInt8]) -> String? {
        let form = CanonicalForm()
        let with = Result { () throws(BodyError) in try SaveBody.parse(bytes.span.bytes, form) }
        let without = Result { () throws(BodyError) in try SaveBody.parse(bytes.span.bytes) }
        switch (with, without) {
        case (.failure(let one), .failure(let other)): return one == other ? nil : "\(one), but \(other)"
        case (.success(let one), .success(let other)):
            guard one.state == other.state, one.version == other.version, one.checksum == other.checksum else {
                return "other members"
            }
            return judge(one, bytes, form)
        default: return "accepted in one way only"
        }
    }

    private static func judge(_ body: SaveBody, _ bytes: [UInt8], _ form: CanonicalForm) -> String? {
        let state = Array(bytes[body.state])
        guard state.first == UInt8(ascii: "{"), state.last == UInt8(ascii: "}") else { return "a state of no braces" }
        let known: [UInt8]? =
            switch body.stateForm {
            case .own: state
            case .made: made(form)
            case .unknown: canonical(state, form)
            }
        let made = canonical(state, form)
        guard known == made else { return "another form by the way" }
        guard let made else { return nil }
        let again = canonical(made, form)
        return again == made ? nil : "a form that has another form"
    }

    private static func made(_ form: CanonicalForm) -> [UInt8]? {
        do { return try form.made().withUnsafeBytes { Array($0) } } catch { return nil }
    }

    private static func canonical(_ value: [UInt8], _ form: CanonicalForm) -> [UInt8]? { try? form.bytes(of: value) }

    static let seeds = [
        #"{"version":1,"state":{}}"#,
        #"{"state":{"b":[1,2.50,-0,1e21,1E-7],"a":"ü\u00fc\n\ud83d\ude00"},"version":7,"checksum":"00"}"#,
        #" { "version" : 9007199254740991 , "state" : { "a" : { "b" : [ true , false , null ] } } } "#,
        #"{"version":0,"lastModified":"2026-01-01T00:00:00.000Z","ancestry":"abc","state":{"":{},"x":[]},"more":[{}]}"#,
        #"{"checksum":"x","version":3,"state":{"z":333333333.33333329,"common-a":1,"common-b":2,"\u0063ommon-c":3}}"#,
    ]
}
