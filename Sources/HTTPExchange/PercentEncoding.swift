extension String {
    /// As a part of an address: everything but letters, digits, `-._~` and what is kept becomes `%XX`.
    ///
    /// Source: RFC 3986, 2.3.
    ///
    /// - Parameter kept: characters of ASCII that stand for themselves besides.
    public func percentEncoded(keeping kept: String = "") -> String {
        utf8.map { byte in
            let scalar = Unicode.Scalar(byte)
            let isPlain = byte < 0x80 && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
            if isPlain || "-._~\(kept)".unicodeScalars.contains(scalar) && byte < 0x80 { return String(Character(scalar)) }
            let digits = String(byte, radix: 16, uppercase: true)
            return "%" + (digits.count == 1 ? "0" : "") + digits
        }.joined()
    }
}
