/// Whether it may surround the elements of a field.
func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

extension Slice<UnsafeRawBufferPointer> {
    /// Without blanks at both ends.
    var trimmed: Self {
        var rest = drop(while: isBlank)
        while let last = rest.last, isBlank(last) { rest.removeLast() }
        return rest
    }
}

extension Sequence<UInt8> {
    /// In ASCII.
    var lowercased: [UInt8] { map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 } }

    /// Whether these are the bytes of `text`, which is in lower case.
    func equalsIgnoringCase(_ text: StaticString) -> Bool {
        text.withUTF8Buffer { lowercased.elementsEqual($0) }
    }
}
