/// The commit status that says what the gate found.
enum GateStatus {
    /// The name under which branch protection can require it.
    static let name = "promote/gate"
}
