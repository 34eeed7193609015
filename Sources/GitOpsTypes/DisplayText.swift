extension String {
    /// The text without control characters, so that what comes from outside cannot move a terminal's cursor, change its
    /// colours or forge a line of ours. Bidirectional overrides go too: they make text read as something it is not. A tab is
    /// a space.
    public var displayable: String {
        String(
            String.UnicodeScalarView(
                unicodeScalars.map { scalar in
                    switch scalar.value {
                    case 0x09: " "
                    case 0x00..<0x20, 0x7F..<0xA0, 0x200B...0x200F, 0x202A...0x202E, 0x2066...0x2069, 0xFEFF: "\u{FFFD}"
                    default: scalar
                    }
                }))
    }
}
