/// How text for people is set: with colour or without, which never carries meaning of its own.
public struct TextStyle: Sendable {
    public static let plain = TextStyle(usesColour: false)

    let usesColour: Bool

    public init(usesColour: Bool) {
        self.usesColour = usesColour
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
