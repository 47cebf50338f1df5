/// Something that reads bytes of strangers, with what must hold whatever they are. None of it may trap or hang either.
enum FuzzTarget: String, CaseIterable, Sendable {
    /// Records of FastCGI.
    case records
    /// Parameters of a request.
    case params
    /// The body of a save, and the canonical form of its state.
    case body
    /// Replies of Redis.
    case replies
    /// `REDIS_URL`, and `--listen`.
    case addresses
    /// Fields that are lists.
    case fields

    /// Looks at some bytes.
    /// - Returns: what is wrong, where something is.
    func run(_ bytes: [UInt8]) -> String? {
        switch self {
        case .records: RecordsTarget.run(bytes)
        case .params: ParamsTarget.shared.run(bytes)
        case .body: BodyTarget.run(bytes)
        case .replies: RepliesTarget.run(bytes)
        case .addresses: AddressesTarget.run(bytes)
        case .fields: FieldsTarget.run(bytes)
        }
    }

    /// What to begin with: bytes as they come in earnest.
    var seeds: [[UInt8]] {
        switch self {
        case .records: RecordsTarget.seeds
        case .params: ParamsTarget.seeds
        case .body: BodyTarget.seeds.map { Array($0.utf8) }
        case .replies: RepliesTarget.seeds.map { Array($0.utf8) }
        case .addresses: AddressesTarget.seeds.map { Array($0.utf8) }
        case .fields: FieldsTarget.seeds.map { Array($0.utf8) }
        }
    }
}
