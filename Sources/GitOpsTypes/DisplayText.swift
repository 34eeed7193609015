extension String {
    /// The text without control characters, so that what comes from outside cannot move a terminal's cursor, change its
    /// colours or forge a line of ours. What is not seen goes too: it makes texts read as something they are not, as
    /// bidirectional overrides do, or two that differ look alike. A tab is a space.
    ///
    /// Source: Unicode 16, categories Cc, Cf, Zl, Zp and Cs, and the property Default_Ignorable_Code_Point.
    public var displayable: String {
        guard unicodeScalars.contains(where: { !(0x20..<0x7F).contains($0.value) }) else { return self }
        return String(
            String.UnicodeScalarView(
                unicodeScalars.map { scalar in
                    if scalar == "\t" { return " " }
                    return scalar.isSeen ? scalar : "\u{FFFD}"
                }))
    }
}

extension Unicode.Scalar {
    /// Whether it has a look of its own on a terminal, or changes that of the sign before it: text or emoji.
    fileprivate var isSeen: Bool {
        if (0x20..<0x7F).contains(value) { return true }
        if value == 0xFE0E || value == 0xFE0F { return true }
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse: return false
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark, .spacingMark,
            .enclosingMark, .decimalNumber, .letterNumber, .otherNumber, .connectorPunctuation, .dashPunctuation,
            .openPunctuation, .closePunctuation, .initialPunctuation, .finalPunctuation, .otherPunctuation, .mathSymbol,
            .currencySymbol, .modifierSymbol, .otherSymbol, .spaceSeparator:
            return !properties.isDefaultIgnorableCodePoint
        @unknown default: return false
        }
    }
}
