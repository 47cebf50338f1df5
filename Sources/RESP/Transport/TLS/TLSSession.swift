import COpenSSL

/// What a server has given a connection, by which a later one shows that both have met: no certificate is sent then.
final class TLSSession {
    let pointer: OpaquePointer
    private let materials: TLSMaterials

    /// Takes over the pointer.
    init(_ pointer: OpaquePointer, of materials: TLSMaterials) {
        self.pointer = pointer
        self.materials = materials
    }

    deinit { materials.library.freeSession(pointer) }

    /// Whether it came about with these authorities and this certificate: others would not be looked at.
    func isOf(_ materials: TLSMaterials) -> Bool { self.materials === materials }
}
