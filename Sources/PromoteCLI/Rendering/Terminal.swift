import Foundation

/// Where answers and narration go: answers to standard output, everything else to standard error.
struct Terminal: Sendable {
    let usesColour: Bool

    /// Colour is for terminals only, and never carries meaning of its own.
    ///
    /// Source: no-color.org.
    static func current() -> Terminal {
        let environment = ProcessInfo.processInfo.environment
        let isPlain = !(environment["NO_COLOR"] ?? "").isEmpty || environment["TERM"] == "dumb"
        return Terminal(usesColour: !isPlain && isatty(STDOUT_FILENO) == 1)
    }

    /// - Returns: false when nobody got the answer: a full disk, a closed pipe.
    @discardableResult
    func answer(_ text: String) -> Bool {
        do {
            try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
            return true
        } catch {
            narrate("note: the answer could not be written to standard output; what the command did is done")
            return false
        }
    }

    func narrate(_ text: String) {
        // When even standard error is closed there is nobody left to tell.
        try? FileHandle.standardError.write(contentsOf: Data((text + "\n").utf8))
    }

    enum Colour: String {
        case green = "32"
        case yellow = "33"
        case red = "31"
        case bold = "1"
    }

    func coloured(_ text: String, _ colour: Colour) -> String {
        usesColour ? "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m" : text
    }
}
