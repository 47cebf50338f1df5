@testable import CanonicalJSON
@testable import DashboardState

/// A body is judged the same whether its state's canonical form is made by the way or not, and that form is its own.
enum BodyTarget {
    static func run(_ bytes: [UInt8]) -> String? {
        bytes.withUnsafeBytes { bytes in
            let form = CanonicalForm()
            let with = Result { () throws(BodyError) in try SaveBody.parse(bytes, form) }
            let without = Result { () throws(BodyError) in try SaveBody.parse(bytes) }
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
    }

    private static func judge(_ body: SaveBody, _ bytes: UnsafeRawBufferPointer, _ form: CanonicalForm) -> String? {
        let state = UnsafeRawBufferPointer(rebasing: bytes[body.state])
        guard state.first == UInt8(ascii: "{"), state.last == UInt8(ascii: "}") else { return "a state of no braces" }
        let known: [UInt8]? =
            switch body.stateForm {
            case .own: Array(state)
            case .made: (try? form.made()).map { Array($0) }
            case .unknown: canonical(state, form)
            }
        let made = canonical(state, form)
        guard known == made else { return "another form by the way" }
        guard let made else { return nil }
        let again = made.withUnsafeBytes { canonical($0, form) }
        return again == made ? nil : "a form that has another form"
    }

    private static func canonical(_ value: UnsafeRawBufferPointer, _ form: CanonicalForm) -> [UInt8]? {
        (try? form.bytes(of: value)).map { Array($0) }
    }

    static let seeds = [
        #"{"version":1,"state":{}}"#,
        #"{"state":{"b":[1,2.50,-0,1e21,1E-7],"a":"ü\u00fc\n\ud83d\ude00"},"version":7,"checksum":"00"}"#,
        #" { "version" : 9007199254740991 , "state" : { "a" : { "b" : [ true , false , null ] } } } "#,
        #"{"version":0,"lastModified":"2026-01-01T00:00:00.000Z","ancestry":"abc","state":{"":{},"x":[]},"more":[{}]}"#,
        #"{"checksum":"x","version":3,"state":{"z":333333333.33333329,"common-a":1,"common-b":2,"\u0063ommon-c":3}}"#,
    ]
}
