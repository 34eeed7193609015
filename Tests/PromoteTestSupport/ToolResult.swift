/// A finished program: what tests run git, ssh-keygen and promote with.
public struct ToolResult: Sendable {
    public let status: Int32
    public let output: String
    public let errors: String

    public struct Failed: Error, CustomStringConvertible {
        public let description: String

        public init(description: String) {
            self.description = description
        }
    }
}
